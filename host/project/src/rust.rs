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

fn unknown(folder: &Path, cause: impl ToString) -> ProjectError {
    ProjectError::Unknown { path: folder.join("Cargo.toml"), cause: cause.to_string() }
}

/// What Cargo says of the package in this folder, and of its workspace if it is in one.
fn metadata(folder: &Path) -> Result<Value, ProjectError> {
    let words = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let told = tool::run(&mut cargo(folder, &words), folder, CARGO)?;
    serde_json::from_str(&told).map_err(|error| unknown(folder, error))
}

/// The name of the component that the package makes, without ".wasm".
fn component_name(folder: &Path) -> Result<String, ProjectError> {
    let metadata = metadata(folder)?;
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
        .ok_or_else(|| unknown(folder, "it makes no component: it needs `[lib]` with `crate-type = [\"cdylib\"]`"))
}

pub(crate) fn build(folder: &Path, name: &str, component: &Path) -> Result<(), ProjectError> {
    tool::run(&mut cargo(folder, &["build", "--release", "--lib", "--target", TARGET]), folder, CARGO)?;
    let metadata = metadata(folder)?;
    let target = metadata.get("target_directory").and_then(Value::as_str);
    let target = target.ok_or_else(|| unknown(folder, "Cargo does not say where it builds"))?;
    files::place(&Path::new(target).join(TARGET).join("release").join(format!("{name}.wasm")), component)
}

pub(crate) fn test(folder: &Path) -> Result<bool, ProjectError> {
    tool::shown(&mut cargo(folder, &["test", "--quiet"]), CARGO)
}
