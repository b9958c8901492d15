//! Writes files whole or not at all: under a temporary name first, then renamed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

/// A file or folder that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {cause}", file.display())]
pub struct WriteError {
    /// The file or folder.
    pub file: PathBuf,
    /// Why.
    pub cause: io::Error,
}

/// Replaces a file, or creates it: whoever reads it finds the whole old one or the whole new one.
///
/// # Errors
///
/// Returns an error if the file cannot be written.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    temporary(folder, bytes)?.persist(file).map_err(|error| error.error).map(drop)
}

/// Replaces a file as [`replace`] does, by what `fill` writes.
///
/// # Errors
///
/// Returns an error if the file cannot be written.
pub fn replace_by(
    file: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<(), WriteError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = empty(folder).and_then(|mut unfinished| {
        let mut out = BufWriter::new(unfinished.as_file_mut());
        fill(&mut out)?;
        out.flush()?;
        drop(out);
        unfinished.as_file().sync_all()?;
        unfinished.persist(file).map_err(|error| error.error).map(drop)
    });
    written.map_err(|cause| WriteError { file: file.to_owned(), cause })
}

/// Replaces a file as [`replace`] does, by a value as indented JSON with a line end.
///
/// # Errors
///
/// Returns an error if the value is none of JSON's, or the file cannot be written.
pub fn replace_json(file: &Path, value: &impl Serialize) -> Result<(), WriteError> {
    let written = json(value).and_then(|bytes| replace(file, &bytes));
    written.map_err(|cause| WriteError { file: file.to_owned(), cause })
}

/// Removes a file if it is there.
pub(crate) fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A synced temporary file with these bytes, to be renamed by `persist`. It is removed if it is dropped before that.
pub(crate) fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = empty(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// An empty temporary file with the permissions of ordinary files. Those of `tempfile` are for its user alone.
pub(crate) fn empty(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// A value as indented JSON with a line end.
pub(crate) fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}
