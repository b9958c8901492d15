//! Makes a project: a plugin that builds and works, with a test, as something to change.

use std::path::{Path, PathBuf};

use rescue_plugin::Kind;

use crate::error::ProjectError;
use crate::files;

const README: &str = include_str!("../templates/python/README.md");

/// What is made and need not be kept.
const IGNORED: &str = "*.wasm\n*.wasm.sources\n__pycache__/\n.venv/\nout/\n";

/// What a plugin of a kind begins as: its source, its test and what it does.
fn template(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Planner => (
            include_str!("../templates/python/planner.py"),
            include_str!("../templates/python/test_planner.py"),
            "A planner that asks the model for boxes.",
        ),
        Kind::Scorer => (
            include_str!("../templates/python/scorer.py"),
            include_str!("../templates/python/test_scorer.py"),
            "A scorer that asks the model for a grade of each candidate.",
        ),
        Kind::Verifier => (
            include_str!("../templates/python/verifier.py"),
            include_str!("../templates/python/test_verifier.py"),
            "A verifier that shows two candidates in both orders.",
        ),
        Kind::Tournament => (
            include_str!("../templates/python/tournament.py"),
            include_str!("../templates/python/test_tournament.py"),
            "A tournament in which the first candidate meets every other one, and the winner stays.",
        ),
    }
}

/// Makes a project in Python in a new folder called as its plugin. Returns the files.
///
/// # Errors
///
/// Returns an error if the name is none of a module, there is something in the folder, or a file cannot be written.
pub fn new(folder: &Path, kind: Kind) -> Result<Vec<PathBuf>, ProjectError> {
    let error = |cause: String| ProjectError::Unknown { path: folder.to_owned(), cause };
    let whole = std::path::absolute(folder).map_err(ProjectError::file(folder))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy().replace('-', "_");
    crate::python::check_name(&name).map_err(error)?;
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(error("there is something already: choose another name".to_owned()));
    }
    std::fs::create_dir_all(folder).map_err(ProjectError::file(folder))?;
    let (source, test, summary) = template(kind);
    let mut made = Vec::new();
    let files = [
        (format!("{name}.py"), source),
        (format!("test_{name}.py"), test),
        ("README.md".to_owned(), README),
        (".gitignore".to_owned(), IGNORED),
    ];
    for (file, text) in files {
        let text = text.replace("NAME", &name).replace("KIND", kind.name()).replace("SUMMARY", summary);
        let file = folder.join(file);
        files::put(&file, text.as_bytes())?;
        made.push(file);
    }
    Ok(made)
}
