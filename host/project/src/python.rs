//! Plugins in Python: a module with marked functions, built with componentize-py.

use std::path::{Path, PathBuf};
use std::process::Command;

use rescue_plugin::Kind;
use serde::Deserialize;

use crate::error::ProjectError;
use crate::{Language, Project, files, tool};

/// The version of componentize-py that the package is made for.
pub(crate) const COMPONENTIZE: &str = "componentize-py==0.25.1";
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

/// Words of the language.
const WORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Fails if a plugin's module cannot have this name.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if name.is_empty() || !is_word || name.starts_with(|first: char| first.is_ascii_digit()) || WORDS.contains(&name) {
        return Err(format!("a module of Python cannot have the name {name:?}: use letters, digits and underscores"));
    }
    if TAKEN.contains(&name) {
        return Err(format!("{name:?} is a name of the border: call the module otherwise"));
    }
    if is_other(name) {
        return Err(format!("{name:?} is the name of a test or of a tool's file: call the module otherwise"));
    }
    Ok(())
}

/// Whether a module of this name is a test's or a tool's.
fn is_other(name: &str) -> bool {
    name.starts_with("test_")
        || name.ends_with("_test")
        || name.starts_with('_')
        || name == "conftest"
        || name == "setup"
}

/// The project whose module is this file.
pub(crate) fn of_file(file: &Path) -> Result<Project, String> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    check_name(&stem)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Project { folder: folder.to_owned(), name: stem, language: Language::Python })
}

/// The modules in a folder that may be a plugin's: no tests, no set-up.
pub(crate) fn modules(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_plugin = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        crate::is_module(path) && path.is_file() && !is_other(&stem)
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
    let folder = std::path::absolute(folder).map_err(ProjectError::file(folder))?;
    let interpreter = python(&folder);
    check_python(&interpreter, module)?;
    // What is wrong with the module is found here within a moment, and not in a component after half a minute.
    let paths = paths(&sdk, &folder)?;
    let mut command = Command::new(&interpreter);
    command.env("PYTHONPATH", paths).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(&folder);
    let told = tool::run(command.args(["-m", "rescue_plugin.offered", module]), &source, PYTHON)?;
    let offered: Offered = serde_json::from_str(told.lines().last().unwrap_or_default())
        .map_err(|error| ProjectError::Build { path: source.clone(), told: format!("{told}\n{error}") })?;
    let exports = offered.kinds.iter().map(|kind| format!("    export rescue:plugin/{kind}@0.1.0;\n"));
    let world = format!(
        "package rescue:component;\n\nworld component {{\n    import rescue:plugin/chat@0.1.0;\n    import rescue:plugin/log@0.1.0;\n    \
         import rescue:plugin/sample@0.1.0;\n    export rescue:plugin/manifest@0.1.0;\n{}}}\n",
        exports.collect::<String>()
    );
    files::put(&glue.join("wit").join("world.wit"), world.as_bytes())?;
    let main = format!("import {module}\nfrom rescue_plugin.component import Manifest, offer\n\noffer({module})\n");
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
    files::place(&part, component)
}

/// What Python is to import from. A colon in a path would end it.
fn paths(sdk: &Path, folder: &Path) -> Result<std::ffi::OsString, ProjectError> {
    std::env::join_paths([sdk, folder]).map_err(|error| ProjectError::Unknown {
        path: folder.to_owned(),
        cause: format!("{error}: call the folder otherwise"),
    })
}

/// Fails if this Python is too old, lacks the right componentize-py, or has a module of the same name itself.
fn check_python(interpreter: &Path, module: &str) -> Result<(), ProjectError> {
    let script = "import sys, importlib.metadata as m\n\
                  print(sys.version_info >= (3, 11), sys.argv[1] in getattr(sys, 'stdlib_module_names', ()))\n\
                  print(m.version('componentize-py'))";
    let output = Command::new(interpreter).args(["-I", "-c", script, module]).output();
    let tool = |tool: &str, cause: String| Err(ProjectError::Tool { tool: tool.into(), cause });
    let name = interpreter.display();
    let output = match output {
        Ok(output) => output,
        Err(error) => return tool(&name.to_string(), format!("{error}. {PYTHON}")),
    };
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = told.split_whitespace().collect();
    let way = format!(
        "`{name} -m pip install {COMPONENTIZE}` gets it; in a virtual environment, which Debian asks for, first `python3 -m venv .venv` \
         and `. .venv/bin/activate`"
    );
    match words.as_slice() {
        ["True", "False", version] if COMPONENTIZE.ends_with(&format!("=={version}")) => Ok(()),
        ["True", "False", version] => {
            tool("componentize-py", format!("this program builds with {COMPONENTIZE}, and {name} has {version}. {way}"))
        }
        ["True", "False"] => tool("componentize-py", format!("it is not installed. {way}")),
        ["True", "True", ..] => {
            let cause = format!("Python itself has a module {module:?}: call the plugin's otherwise");
            Err(ProjectError::Unknown { path: format!("{module}.py").into(), cause })
        }
        _ => tool(&name.to_string(), PYTHON.to_owned()),
    }
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
    let paths = paths(place.path(), &folder)?;
    let mut command = Command::new(&interpreter);
    command.env("PYTHONPATH", paths).current_dir(&folder);
    tool::shown(
        command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).env("PYTHONDONTWRITEBYTECODE", "1"),
        PYTHON,
    )
}
