//! Measures SQLite with `peers.py`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::Failure;
use crate::data::BATCH;
use crate::ours::SHARDS;

/// The measurements of SQLite, in seconds for all answers together. `None` if they were not made.
#[derive(Default, Deserialize)]
pub struct Peers {
    /// The versions of SQLite and Python.
    pub versions: Option<String>,
    pub put_wall: Option<f64>,
    pub put_cpu: Option<f64>,
    pub get_wall: Option<f64>,
    pub get_cpu: Option<f64>,
    /// The size on disk in bytes.
    pub disk: Option<u64>,
    pub open_wall: Option<f64>,
    pub verify_wall: Option<f64>,
    pub merge_wall: Option<f64>,
}

/// Runs the script on the answers in the folder.
pub fn measure(folder: &Path, answers: usize) -> Result<Peers, Failure> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(folder).args([answers, BATCH, SHARDS].map(|number| number.to_string()));
    let status = python.status().map_err(|error| format!("`python3` could not be started: {error}"))?;
    if !status.success() {
        return Err(format!("`python3` failed ({status}): what it says is above").into());
    }
    Ok(serde_json::from_str(&fs::read_to_string(folder.join("peers.json"))?)?)
}
