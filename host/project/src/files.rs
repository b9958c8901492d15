//! What the program brings along for building plugins: the package for Python and the border.

use std::path::Path;

use include_dir::{Dir, File, include_dir};

use crate::error::ProjectError;

/// The package for Python.
pub(crate) static PYTHON: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../plugins/python/src");
/// The border that this host speaks.
pub(crate) static BORDER: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../wit/0.1.0");

/// The files in such a folder, without those below. A checkout may also hold what Python has compiled.
pub(crate) fn sources<'a>(dir: &'a Dir) -> impl Iterator<Item = &'a File<'a>> {
    dir.files().filter(|file| file.path().extension().is_none_or(|ending| ending != "pyc"))
}

/// Writes such a folder.
pub(crate) fn write(dir: &Dir, into: &Path) -> Result<(), ProjectError> {
    std::fs::create_dir_all(into).map_err(ProjectError::file(into))?;
    for file in sources(dir) {
        put(&into.join(file.path().file_name().unwrap_or_default()), file.contents())?;
    }
    for below in dir.dirs() {
        write(below, &into.join(below.path().file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Copies a component into its place, whole or not at all: one that is in use keeps its bytes, and two builds may end at once.
pub(crate) fn place(made: &Path, component: &Path) -> Result<(), ProjectError> {
    let fail = || ProjectError::file(component);
    let part = tempfile::tempdir_in(component.parent().unwrap_or(Path::new("."))).map_err(fail())?;
    let copied = part.path().join("component.wasm");
    std::fs::copy(made, &copied).and_then(|_| std::fs::rename(&copied, component)).map_err(fail())
}

pub(crate) fn put(file: &Path, bytes: &[u8]) -> Result<(), ProjectError> {
    std::fs::write(file, bytes).map_err(ProjectError::file(file))
}
