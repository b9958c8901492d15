//! Writes a result's files, whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rescue_core::Photo;
use rescue_plugin::Kind;
use rescue_plugin::trace::Trace;
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::canonical::Outcome;
use crate::record::Record;

/// A result that could not be written. Nothing half written stands under the name of a result.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {cause}", file.display())]
pub struct WriteError {
    /// The file or folder.
    pub file: PathBuf,
    /// Why.
    pub cause: io::Error,
}

/// The files of a result.
#[derive(Clone, Debug)]
pub struct Written {
    /// The mask, 0 and 255, of the size of the image; none where nothing was found.
    pub mask: Option<PathBuf>,
    /// The photo with the mask drawn on it, to be looked at.
    pub overlay: Option<PathBuf>,
    /// The result: the same bytes for the same inputs.
    pub result: PathBuf,
    /// Where the time went.
    pub timings: PathBuf,
}

/// Makes the folder, where it is missing, and sees that files can be made in it: before the work, not after it.
pub fn prepare(folder: &Path) -> Result<(), WriteError> {
    let fail = |cause| WriteError { file: folder.to_owned(), cause };
    fs::create_dir_all(folder).map_err(fail)?;
    unnamed(folder).map(drop).map_err(fail)
}

/// Writes `mask.png`, `overlay.png`, `timings.json` and `result.json` into the folder, replacing those of an earlier run. All are
/// written under other names first and then renamed, `result.json` last; pictures of an earlier run do not outlive a result
/// without one.
pub fn write(folder: &Path, photo: &Photo, outcome: &Outcome) -> Result<Written, WriteError> {
    let fail = |name: &str| {
        let file = folder.join(name);
        move |cause| WriteError { file, cause }
    };
    let pictures = match &outcome.mask {
        Some(mask) => {
            let png = rescue_mask::png::write_mask(mask).map_err(io::Error::other).map_err(fail("mask.png"))?;
            let shown = rescue_mask::showcase(photo.rgb(), photo.size(), mask)
                .map_err(io::Error::other)
                .and_then(|rgb| rescue_mask::png::write_rgb(photo.size(), &rgb).map_err(io::Error::other))
                .map_err(fail("overlay.png"))?;
            [("mask.png", Some(png)), ("overlay.png", Some(shown))]
        }
        None => [("mask.png", None), ("overlay.png", None)],
    };
    let texts = [
        ("timings.json", Some(json(&outcome.timings).map_err(fail("timings.json"))?)),
        ("result.json", Some(json(&outcome.record).map_err(fail("result.json"))?)),
    ];
    let mut ready = Vec::new();
    for (name, bytes) in pictures.into_iter().chain(texts) {
        let file = bytes.map(|bytes| temporary(folder, &bytes)).transpose().map_err(fail(name))?;
        ready.push((name, file));
    }
    let mut written =
        Written { mask: None, overlay: None, result: folder.join("result.json"), timings: folder.join("timings.json") };
    for (name, file) in ready {
        let path = folder.join(name);
        let stands = file.is_some();
        match file {
            Some(file) => drop(file.persist(&path).map_err(|error| fail(name)(error.error))?),
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(name)(error)),
                _ => {}
            },
        }
        match name {
            "mask.png" => written.mask = stands.then_some(path),
            "overlay.png" => written.overlay = stands.then_some(path),
            _ => {}
        }
    }
    Ok(written)
}

/// Writes the event logs into the folder, each as KIND.jsonl; those of an earlier run do not outlive it.
pub fn write_traces(folder: &Path, traces: &[Trace]) -> Result<(), WriteError> {
    for kind in Kind::ALL {
        let file = folder.join(format!("{kind}.jsonl"));
        let fail = |cause| WriteError { file: file.clone(), cause };
        match traces.iter().find(|trace| trace.header.kind == kind) {
            Some(trace) => {
                let written = temporary(folder, trace.write().as_bytes()).map_err(fail)?;
                written.persist(&file).map_err(|error| fail(error.error))?;
            }
            None => match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
                _ => {}
            },
        }
    }
    Ok(())
}

/// `result.json`, to the byte.
pub fn result(record: &Record) -> Result<Vec<u8>, WriteError> {
    json(record).map_err(|cause| WriteError { file: "result.json".into(), cause })
}

/// Writes a file whole or not at all.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    temporary(folder, bytes)?.persist(file).map_err(|error| error.error).map(drop)
}

fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = unnamed(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A file without its name yet, with the permissions that files have: temporary ones are their user's alone.
fn unnamed(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// JSON for people: indented, with a line end.
fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}
