//! Builds what runs inside the host: plugins, and the fixtures of the tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{self, Outcome, cargo_env, root};

const TARGET: &str = "wasm32-wasip2";

/// Sees that Rust can build for WebAssembly, and adds the target where rustup can.
pub fn check_target() -> Outcome {
    let folder = shell::quiet("rustc", &["--print", "target-libdir", "--target", TARGET])?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    shell::say(&format!("adding the Rust target {TARGET}"));
    shell::run(&root(), "rustup", &["target", "add", TARGET]).map_err(|problem| {
        format!("plugins are built for {TARGET}, which this Rust lacks: install rustup and run `rustup target add {TARGET}` ({problem})")
    })
}

/// Builds the standard plugins into plugins/dist.
pub fn plugins() -> Outcome {
    build(&root().join("plugins"), "the plugins", &["--release"], "release")
}

/// Builds the fixtures of the tests into tests/fixtures/dist.
pub fn fixtures() -> Outcome {
    build(&root().join("tests").join("fixtures"), "the fixtures", &[], "debug")
}

/// `profile` are the words for Cargo that choose the profile, and `made` the folder of what is built in it.
fn build(workspace: &Path, what: &str, profile: &[&str], made: &str) -> Outcome {
    check_target()?;
    shell::say(&format!("building {what}"));
    let target = target();
    let place = target.display().to_string();
    let words = ["build", "--lib", "--examples", "--target", TARGET, "--target-dir", &place];
    cargo_env(workspace, &[&words, profile].concat(), &[("RUSTFLAGS", &remapped())])?;
    let dist = workspace.join("dist");
    fs::create_dir_all(&dist).map_err(|error| format!("{} cannot be made: {error}", dist.display()))?;
    let built = built(workspace, &target.join(TARGET).join(made))?;
    for old in wasm_files(&dist)?.into_iter().filter(|old| !built.iter().any(|file| name(file) == name(old))) {
        fs::remove_file(&old).map_err(|error| format!("{} cannot be removed: {error}", old.display()))?;
    }
    for file in built {
        copy(&file, &dist.join(name(&file)))?;
    }
    Ok(())
}

/// Where the plugins and the fixtures are built: in one place, since they have nearly all of their dependencies in common.
pub fn target() -> PathBuf {
    root().join("target").join("guests")
}

/// Flags that keep this machine's folders out of what is built: the same sources give the same bytes anywhere.
fn remapped() -> String {
    let home = |name: &str, below: &str| {
        let set = env::var_os(name).map(PathBuf::from);
        set.or_else(|| env::home_dir().map(|home| home.join(below))).unwrap_or_default().display().to_string()
    };
    let places = [(root().display().to_string(), "rescue-host"), (home("CARGO_HOME", ".cargo"), "cargo")];
    let flags = places.iter().filter(|(from, _)| !from.is_empty());
    flags.map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect::<Vec<_>>().join(" ")
}

/// The components that the members of a workspace make, and their examples; what has no source any more is left out.
fn built(workspace: &Path, made: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = wasm_files(made)?;
    files.retain(|file| workspace.join(stem(file)).join("Cargo.toml").is_file());
    let members: Vec<PathBuf> = folders(workspace)?.into_iter().map(|member| member.join("examples")).collect();
    if members.iter().any(|examples| examples.is_dir()) {
        let mut examples = wasm_files(&made.join("examples"))?;
        examples.retain(|file| members.iter().any(|folder| folder.join(stem(file)).with_extension("rs").is_file()));
        files.extend(examples);
    }
    Ok(files)
}

/// `rescue_my_plugin.wasm` → `my-plugin`.
fn stem(file: &Path) -> String {
    name(file).trim_end_matches(".wasm").to_owned()
}

/// `rescue_my_plugin.wasm` → `my-plugin.wasm`.
fn name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.trim_start_matches("rescue_").replace('_', "-")
}

fn wasm_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "wasm")).collect())
}

fn folders(folder: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let fail = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let found: Result<Vec<PathBuf>, _> = fs::read_dir(folder).map_err(fail)?.map(|entry| Ok(entry?.path())).collect();
    let mut found = found.map_err(fail)?;
    found.sort();
    Ok(found)
}

/// Copies by rename: a host that is running keeps the file it has.
fn copy(from: &Path, to: &Path) -> Outcome {
    if fs::read(from).ok() == fs::read(to).ok() {
        return Ok(());
    }
    let part = to.with_extension("part");
    fs::copy(from, &part)
        .and_then(|_| fs::rename(&part, to))
        .map_err(|error| format!("{} cannot be written: {error}", to.display()))
}
