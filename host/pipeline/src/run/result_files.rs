//! Writes the files of a result, all of them or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rescue_core::{Digest, Photo};
use rescue_mask::Mask;
use rescue_plugin::Kind;
use rescue_plugin::trace::Trace;
use serde::Deserialize;

use crate::exchange::AbsenceRecord;
use crate::sample::{Outcome, Record};
use crate::whole_file::{WriteError, empty, json, remove, temporary};

const RESULT: &str = "result.json";
/// The questions without an answer of further choices alone.
const ABSENCES: &str = "absences.json";

/// The files of a result.
#[derive(Clone, Debug)]
pub struct Written {
    /// The mask, with the values 0 and 255, as large as the image. `None` if nothing was found.
    pub mask: Option<PathBuf>,
    /// The photo with the mask drawn on it, for people. `None` if nothing was found, or it was not wished.
    pub overlay: Option<PathBuf>,
    /// The result; the same bytes for the same inputs.
    pub result: PathBuf,
    /// Where the time went.
    pub timings: PathBuf,
}

/// Creates the folder if it is missing, and checks that files can be created in it: before the work, not after it.
///
/// # Errors
///
/// Returns an error if the folder or a file in it cannot be created.
pub fn prepare(folder: &Path) -> Result<(), WriteError> {
    let fail = |cause| WriteError { file: folder.to_owned(), cause };
    fs::create_dir_all(folder).map_err(fail)?;
    empty(folder).map(drop).map_err(fail)
}

/// Writes `mask.png`, `overlay.png`, `timings.json` and `result.json` into the folder, replacing those of an earlier run, and `absences.json` if
/// further choices lack answers. `overlay`: whether `overlay.png` is wished. All are
/// written under temporary names first and then renamed, `result.json` last. Files of an earlier run that this one has not are removed.
///
/// # Errors
///
/// Returns an error if a file cannot be written.
pub fn write(folder: &Path, photo: &Photo, outcome: &Outcome, overlay: bool) -> Result<Written, WriteError> {
    let fail = |name: &str| {
        let file = folder.join(name);
        move |cause| WriteError { file, cause }
    };
    let pictures = match &outcome.mask {
        Some(mask) => {
            let png = rescue_mask::png::write_mask(mask).map_err(io::Error::other).map_err(fail("mask.png"))?;
            let shown = overlay.then(|| shown(photo, mask).map_err(fail("overlay.png"))).transpose()?;
            [("mask.png", Some(png)), ("overlay.png", shown)]
        }
        None => [("mask.png", None), ("overlay.png", None)],
    };
    let further = outcome.further_absences();
    let further = (!further.is_empty()).then(|| json(&further).map_err(fail(ABSENCES))).transpose()?;
    let texts = [
        ("timings.json", Some(json(&outcome.timings).map_err(fail("timings.json"))?)),
        (ABSENCES, further),
        (RESULT, Some(json(&outcome.record).map_err(fail(RESULT))?)),
    ];
    let mut ready = Vec::new();
    for (name, bytes) in pictures.into_iter().chain(texts) {
        let file = bytes.map(|bytes| temporary(folder, &bytes)).transpose().map_err(fail(name))?;
        ready.push((name, file));
    }
    let mut written =
        Written { mask: None, overlay: None, result: folder.join(RESULT), timings: folder.join("timings.json") };
    for (name, file) in ready {
        let path = folder.join(name);
        let stands = file.is_some();
        match file {
            Some(file) => drop(file.persist(&path).map_err(|error| fail(name)(error.error))?),
            None => remove(&path).map_err(fail(name))?,
        }
        match name {
            "mask.png" => written.mask = stands.then_some(path),
            "overlay.png" => written.overlay = stands.then_some(path),
            _ => {}
        }
    }
    Ok(written)
}

/// A picture of the photo with a mask drawn on it.
fn shown(photo: &Photo, mask: &Mask) -> io::Result<Vec<u8>> {
    let rgb = rescue_mask::showcase(photo.rgb(), photo.size(), mask).map_err(io::Error::other)?;
    rescue_mask::png::write_rgb(photo.size(), &rgb).map_err(io::Error::other)
}

/// What is read of an earlier result.
#[derive(Deserialize)]
pub(crate) struct EarlierResult {
    pub(crate) query: String,
    pub(crate) image: EarlierImage,
    pub(crate) n: u32,
    pub(crate) seed: u64,
    pub(crate) absences: Vec<AbsenceRecord>,
}

#[derive(Deserialize)]
pub(crate) struct EarlierImage {
    pub(crate) sha256: Digest,
}

/// The result in a folder, with the absences of further choices. `None` if there is none that can be read.
pub(crate) fn read(folder: &Path) -> Option<EarlierResult> {
    let mut result: EarlierResult = serde_json::from_slice(&fs::read(folder.join(RESULT)).ok()?).ok()?;
    let further = fs::read(folder.join(ABSENCES)).ok();
    let further = further.and_then(|bytes| serde_json::from_slice::<Vec<AbsenceRecord>>(&bytes).ok());
    result.absences.extend(further.into_iter().flatten());
    Some(result)
}

/// Writes the plugins' event logs into the folder, each as KIND.jsonl. Logs of an earlier run are removed.
///
/// # Errors
///
/// Returns an error if a file cannot be written.
pub fn write_traces(folder: &Path, traces: &[Trace]) -> Result<(), WriteError> {
    for kind in Kind::ALL {
        let file = folder.join(format!("{kind}.jsonl"));
        let fail = |cause| WriteError { file: file.clone(), cause };
        match traces.iter().find(|trace| trace.header.kind == kind) {
            Some(trace) => {
                let written = temporary(folder, trace.write().as_bytes()).map_err(fail)?;
                written.persist(&file).map_err(|error| fail(error.error))?;
            }
            None => remove(&file).map_err(fail)?,
        }
    }
    Ok(())
}

/// The bytes of `result.json`.
///
/// # Errors
///
/// Returns an error if the record cannot be written as JSON.
pub fn result_json(record: &Record) -> Result<Vec<u8>, WriteError> {
    json(record).map_err(|cause| WriteError { file: RESULT.into(), cause })
}
