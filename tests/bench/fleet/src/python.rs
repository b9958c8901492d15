//! A Python environment with the packages of the client of the original's design.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

const PACKAGES: [&str; 3] = ["numpy", "pillow", "requests"];

/// The environment's Python. Creates the environment below `target` if it is missing.
pub fn environment() -> Result<PathBuf, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).ok_or("the bench has no checkout around it")?;
    let folder = root.join("target").join("bench-fleet");
    let python = folder.join("bin").join("python");
    let installed = folder.join("installed");
    if std::fs::read_to_string(&installed).ok().as_deref() != Some(&PACKAGES.join("\n")) {
        eprintln!("installing {} into {}", PACKAGES.join(", "), folder.display());
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES))?;
        std::fs::write(installed, PACKAGES.join("\n"))?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let program = command.get_program().display().to_string();
    let status = command.status().map_err(|error| format!("`{program}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program}` failed ({status}): what it says is above").into()) }
}
