//! Whether a component is that of the sources as they are now. Times of files say nothing after a checkout or a copy, so the sources are
//! hashed.

use std::path::{Path, PathBuf};

use include_dir::Dir;
use rescue_core::Digest;

use crate::error::ProjectError;
use crate::files;

/// What is no source: folders of tools, and what they make.
const PASSED_OVER: [&str; 6] = ["target", "node_modules", "dist", "build", "venv", "__pycache__"];
/// The endings of sources.
const SOURCES: [&str; 7] = ["py", "rs", "toml", "lock", "wit", "json", "txt"];

/// A digest over all sources in a folder, and over what the program brings along.
pub(crate) fn digest(folder: &Path) -> Result<String, ProjectError> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    let mut text = env!("CARGO_PKG_VERSION").to_owned();
    for dir in [&files::PYTHON, &files::RUST, &files::BORDER] {
        text += &brought(dir);
    }
    for file in found {
        let bytes = std::fs::read(&file).map_err(ProjectError::file(&file))?;
        let name = file.strip_prefix(folder).unwrap_or(&file);
        text += &format!("{}\n{}\n", name.display(), Digest::of(&bytes));
    }
    Ok(Digest::of(text.as_bytes()).to_string())
}

/// The digests of what the program brings along.
fn brought(dir: &Dir) -> String {
    let files = files::sources(dir).map(|file| Digest::of(file.contents()).to_string());
    files.chain(dir.dirs().map(brought)).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), ProjectError> {
    for entry in std::fs::read_dir(folder).map_err(ProjectError::file(folder))? {
        let path = entry.map_err(ProjectError::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || PASSED_OVER.contains(&name.as_str()) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|ending| SOURCES.iter().any(|source| ending == *source)) {
            found.push(path);
        }
    }
    Ok(())
}

/// The file beside a component that says of which sources it is.
fn file(component: &Path) -> PathBuf {
    component.with_extension("wasm.sources")
}

pub(crate) fn mark(component: &Path, sources: &str) -> Result<(), ProjectError> {
    let bytes = std::fs::read(component).map_err(ProjectError::file(component))?;
    files::put(&file(component), format!("{sources} {}\n", Digest::of(&bytes)).as_bytes())
}

pub(crate) fn is_current(component: &Path, sources: &str) -> bool {
    let marked = std::fs::read_to_string(file(component)).unwrap_or_default();
    let built = std::fs::read(component).map(|bytes| Digest::of(&bytes).to_string());
    built.is_ok_and(|built| marked.split_whitespace().eq([sources, built.as_str()]))
}
