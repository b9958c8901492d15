//! Plugins in Rust: a package of Cargo, built for WebAssembly.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::error::ProjectError;
use crate::{Language, Project, files, tool};

const TARGET: &str = "wasm32-wasip2";
const CARGO: &str =
    "Plugins in Rust are built with Cargo: install Rust with rustup, then `rustup target add wasm32-wasip2`";

/// The project of the package in this folder.
pub(crate) fn of_folder(folder: &Path) -> Result<Project, ProjectError> {
    let name = component_name(folder)?;
    Ok(Project { folder: folder.to_owned(), name, language: Language::Rust })
}

fn cargo(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(words).current_dir(folder);
    command
}

/// The name of the component that the package makes, without ".wasm".
fn component_name(folder: &Path) -> Result<String, ProjectError> {
    let told =
        tool::run(&mut cargo(folder, &["metadata", "--no-deps", "--offline", "--format-version", "1"]), folder, CARGO)?;
    let fail = |cause: &str| ProjectError::Unknown { path: folder.join("Cargo.toml"), cause: cause.to_owned() };
    let metadata: Value = serde_json::from_str(&told).map_err(|error| fail(&error.to_string()))?;
    let manifest = folder.join("Cargo.toml");
    let manifest = manifest.canonicalize().map_err(ProjectError::file(&manifest))?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let mut own = packages.filter(|package| {
        package.get("manifest_path").and_then(Value::as_str).is_some_and(|path| Path::new(path) == manifest)
    });
    let targets = own.next().and_then(|package| package.get("targets")?.as_array()).into_iter().flatten();
    let is_component = |target: &&Value| {
        let types = target.get("crate_types").and_then(Value::as_array).into_iter().flatten();
        types.filter_map(Value::as_str).any(|kind| kind == "cdylib")
    };
    let name = targets.filter(is_component).find_map(|target| target.get("name")?.as_str());
    name.map(|name| name.replace('-', "_"))
        .ok_or_else(|| fail("it makes no component: it needs `[lib]` with `crate-type = [\"cdylib\"]`"))
}

pub(crate) fn build(folder: &Path, name: &str, component: &Path) -> Result<(), ProjectError> {
    let words = ["build", "--release", "--lib", "--target", TARGET, "--target-dir", "target"];
    tool::run(&mut cargo(folder, &words), folder, CARGO)?;
    let made = folder.join("target").join(TARGET).join("release").join(format!("{name}.wasm"));
    files::place(&made, component)
}

pub(crate) fn test(folder: &Path) -> Result<bool, ProjectError> {
    tool::shown(&mut cargo(folder, &["test", "--quiet"]), CARGO)
}
