//! Measures other libraries with `peers.py`, in a Python environment of its own below `target`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rescue_mask::iou_matrix;
use serde::Deserialize;

use crate::Failure;
use crate::data::Data;
use crate::ours::texts;

const PACKAGES: [&str; 6] = ["numpy", "pycocotools", "faster-coco-eval", "hotcoco", "pillow", "opencv-python-headless"];

/// The measurements of the others. Empty if they were not made.
#[derive(Default, Deserialize)]
pub struct Peers {
    /// The names and versions of the packages.
    #[serde(default)]
    pub versions: String,
    /// For each operation, the milliseconds of each package.
    #[serde(default)]
    pub times: BTreeMap<String, BTreeMap<String, f64>>,
    /// The IoU matrix of the blobs, by package.
    #[serde(default)]
    ious: BTreeMap<String, Vec<f64>>,
}

/// The folder for the data and the environment.
pub fn folder() -> Result<PathBuf, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).ok_or("the bench has no checkout around it")?;
    Ok(root.join("target").join("bench"))
}

/// Creates the environment if it is missing, and runs `peers.py`.
pub fn measure(folder: &Path) -> Result<Peers, Failure> {
    let environment = folder.join("venv");
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = environment.join("installed");
    if fs::read_to_string(&installed).ok().as_deref() != Some(&PACKAGES.join("\n")) {
        eprintln!("installing {} into {}", PACKAGES.join(", "), environment.display());
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES))?;
        fs::write(installed, PACKAGES.join("\n"))?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers.py");
    run(Command::new(&python).arg(script).arg(folder))?;
    Ok(serde_json::from_str(&fs::read_to_string(folder.join("peers.json"))?)?)
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let program = command.get_program().display().to_string();
    let status = command.status().map_err(|error| format!("`{program}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program}` failed ({status}): what it says is above").into()) }
}

impl Peers {
    /// Fails unless the others computed the same run lengths, byte for byte, and the same IoUs as our code.
    pub fn check(&self, folder: &Path, data: &Data) -> Result<(), Failure> {
        let (blobs, noise) = (Data::masks(&data.blobs)?, Data::masks(&data.noise)?);
        let ours = iou_matrix(&blobs)?;
        for (who, theirs) in &self.ious {
            let same = ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-12);
            if !same {
                return Err(format!("{who} has other IoUs for the blobs than our code").into());
            }
            for (shape, masks) in [("blobs", &blobs), ("noise", &noise)] {
                let file = folder.join(format!("{shape}-{who}.txt"));
                let theirs = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                if !theirs.lines().eq(texts(masks)) {
                    return Err(format!("{who} has other run lengths for the {shape} than our code").into());
                }
            }
        }
        Ok(())
    }
}
