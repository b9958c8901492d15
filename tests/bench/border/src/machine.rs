//! The machine on which the benchmark runs, and paths in the checkout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasmtime::error::Context;
use wasmtime::{Result, ensure};

/// Prints what the figures depend on: processor, wasmtime's version and commit.
pub fn header() -> Result<()> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism()?;
    let git = |words: &[&str]| -> Result<String> {
        let output = Command::new("git").args(words).current_dir(root()?).output().context("git does not start")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed =
        if git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty() { "" } else { ", changed since" };
    println!("# What the sandbox costs\n");
    println!("{cpu}, {cores} cores; wasmtime {}; commit {commit}{changed}.", wasmtime_version()?);
    Ok(())
}

/// The version in the lock file, because wasmtime has no constant for it.
fn wasmtime_version() -> Result<String> {
    let lock = fs::read_to_string(root()?.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let version = lock.split_once("name = \"wasmtime\"\nversion = \"").and_then(|(_, rest)| rest.split_once('"'));
    Ok(version.context("Cargo.lock has no wasmtime")?.0.to_owned())
}

/// The root of the checkout.
pub fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    root.canonicalize().with_context(|| format!("{} is gone", root.display()))
}

/// The component of the standard tournament. Fails if it was not built.
pub fn pyramid() -> Result<PathBuf> {
    built(root()?.join("plugins/dist/pyramid.wasm"))
}

/// The host's executable, which is beside this one. Fails if it was not built.
pub fn host() -> Result<PathBuf> {
    let name = format!("rescue-host{}", std::env::consts::EXE_SUFFIX);
    built(std::env::current_exe()?.with_file_name(name))
}

fn built(file: PathBuf) -> Result<PathBuf> {
    ensure!(file.is_file(), "{} is missing: `cargo xtask bench border` builds it", file.display());
    Ok(file)
}
