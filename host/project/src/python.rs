//! Plugins in Python: a module with marked functions, built with componentize-py.

use std::path::{Path, PathBuf};
use std::process::Command;

use rescue_plugin::Kind;
use serde::Deserialize;

use crate::error::ProjectError;
use crate::{Language, Project, files, tool};

/// The version of componentize-py that the package is made for.
const COMPONENTIZE: &str = "componentize-py==0.25.1";
/// Names that mean something else inside a component.
const TAKEN: [&str; 9] = [
    "planner",
    "scorer",
    "verifier",
    "tournament",
    "manifest",
    "wit_world",
    "rescue_plugin",
    "rescue_component",
    "componentize_py_types",
];

/// What the package says of a module.
#[derive(Deserialize)]
struct Offered {
    kinds: Vec<Kind>,
}

/// The project whose module is this file.
pub(crate) fn of_file(file: &Path) -> Result<Project, String> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_module = |name: &str| {
        name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
    };
    if !is_module(&stem) {
        return Err(format!("Python cannot import a module of the name {stem:?}: use letters, digits and underscores"));
    }
    if TAKEN.contains(&stem.as_str()) {
        return Err(format!("{stem:?} is a name of the border: call the module otherwise"));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Project { folder: folder.to_owned(), name: stem, language: Language::Python })
}

/// The modules in a folder that may be a plugin's: no tests, no set-up.
pub(crate) fn modules(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_plugin = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_other = name.starts_with("test_") || name.ends_with("_test.py") || name.starts_with('_');
        name.ends_with(".py") && !is_other && name != "conftest.py" && name != "setup.py"
    };
    let mut found: Vec<PathBuf> = entries.filter(is_plugin).collect();
    found.sort();
    found
}

/// The Python of a project: that of its own virtual environment if it has one, of the one that is active, or of the machine.
fn python(folder: &Path) -> PathBuf {
    let own = folder.join(".venv").join("bin").join("python");
    match std::env::var_os("VIRTUAL_ENV") {
        _ if own.is_file() => own,
        Some(active) => PathBuf::from(active).join("bin").join("python"),
        None => "python3".into(),
    }
}

const PYTHON: &str = "Plugins in Python are built with Python 3.11 or later: install it, or activate the virtual environment that has it";

pub(crate) fn build(folder: &Path, module: &str, component: &Path) -> Result<(), ProjectError> {
    let source = folder.join(format!("{module}.py"));
    let place = tempfile::tempdir().map_err(ProjectError::file(std::env::temp_dir()))?;
    let (sdk, glue) = (place.path().join("sdk"), place.path().join("glue"));
    files::write(&files::PYTHON, &sdk)?;
    let border = glue.join("wit").join("deps").join("rescue-plugin");
    files::write(&files::BORDER, &border)?;
    let interpreter = python(folder);
    let folder = std::path::absolute(folder).map_err(ProjectError::file(folder))?;
    // What is wrong with the module is found here within a moment, and not in a component after half a minute.
    let paths = std::env::join_paths([&sdk, &folder]).unwrap_or_default();
    let mut command = Command::new(&interpreter);
    command.env("PYTHONPATH", paths).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(&folder);
    let told = tool::run(command.args(["-m", "rescue_plugin.offered", module]), &source, PYTHON)?;
    let offered: Offered = serde_json::from_str(told.lines().last().unwrap_or_default())
        .map_err(|error| ProjectError::Build { path: source.clone(), told: format!("{told}\n{error}") })?;
    has_componentize(&interpreter)?;
    let exports = offered.kinds.iter().map(|kind| format!("    export rescue:plugin/{kind}@0.1.0;\n"));
    let world = format!(
        "package rescue:component;\n\nworld component {{\n    import rescue:plugin/chat@0.1.0;\n    import rescue:plugin/log@0.1.0;\n    \
         import rescue:plugin/sample@0.1.0;\n    export rescue:plugin/manifest@0.1.0;\n{}}}\n",
        exports.collect::<String>()
    );
    files::put(&glue.join("wit").join("world.wit"), world.as_bytes())?;
    let main = format!("import {module}\nfrom rescue_plugin.component import Manifest\n\nManifest.module = {module}\n");
    files::put(&glue.join("rescue_component.py"), main.as_bytes())?;
    for kind in &offered.kinds {
        // componentize-py looks for the class of a resource in a module that is called as its interface.
        let class = match kind {
            Kind::Planner => "Planning",
            Kind::Scorer => "Scoring",
            Kind::Verifier => "Judging",
            Kind::Tournament => "Tourney",
        };
        let text = format!("from rescue_plugin._{kind} import {class}\n");
        files::put(&glue.join(format!("{kind}.py")), text.as_bytes())?;
    }
    let part = place.path().join("component.wasm");
    let mut command = Command::new(&interpreter);
    command.args(["-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]).current_dir(&folder);
    command.arg("-d").arg(glue.join("wit")).args(["-w", "component", "componentize", "rescue_component"]);
    for path in [&glue, &folder, &sdk] {
        command.arg("-p").arg(path);
    }
    tool::run(command.arg("-o").arg(&part), &source, PYTHON)?;
    // A component that is in use keeps its bytes.
    let beside = component.with_extension("wasm.part");
    std::fs::copy(&part, &beside)
        .and_then(|_| std::fs::rename(&beside, component))
        .map_err(ProjectError::file(component))
}

fn has_componentize(interpreter: &Path) -> Result<(), ProjectError> {
    let found = Command::new(interpreter).args(["-c", "import componentize_py"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let cause = format!(
        "it is not installed. `{} -m pip install {COMPONENTIZE}` gets it; in a virtual environment, which Debian asks for, first \
         `python3 -m venv .venv` and `. .venv/bin/activate`",
        interpreter.display()
    );
    Err(ProjectError::Tool { tool: "componentize-py".into(), cause })
}

pub(crate) fn test(folder: &Path) -> Result<bool, ProjectError> {
    let place = tempfile::tempdir().map_err(ProjectError::file(std::env::temp_dir()))?;
    files::write(&files::PYTHON, place.path())?;
    let folder = std::path::absolute(folder).map_err(ProjectError::file(folder))?;
    let interpreter = python(&folder);
    let has_pytest = Command::new(&interpreter).args(["-c", "import pytest"]).output();
    if !has_pytest.is_ok_and(|output| output.status.success()) {
        let cause = format!("it is not installed: `{} -m pip install pytest` gets it", interpreter.display());
        return Err(ProjectError::Tool { tool: "pytest".into(), cause });
    }
    let paths = std::env::join_paths([place.path(), &folder]).unwrap_or_default();
    let mut command = Command::new(&interpreter);
    command.env("PYTHONPATH", paths).current_dir(&folder);
    tool::shown(
        command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).env("PYTHONDONTWRITEBYTECODE", "1"),
        PYTHON,
    )
}
