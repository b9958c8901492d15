//! Python with packages, for tests that hand files to what people read them with.

use std::path::PathBuf;
use std::process::Command;

use rescue_core::Digest;

use crate::root;

/// What files are written and read with, and what plugins are built and tested with.
const PACKAGES: [&str; 8] = [
    "pandas==3.1.1",
    "polars==2.1.0",
    "pyarrow==26.0.1",
    "pycocotools==2.0.11",
    "pillow==13.0.0",
    "jsonschema==4.26.0",
    "componentize-py==0.25.1",
    "pytest==9.2.0",
];

/// A Python with these packages.
pub fn python() -> PathBuf {
    environment().join("bin/python")
}

/// An environment with these packages below `target`, which is made with pip if it is not there.
pub fn environment() -> PathBuf {
    let name = format!("python-{}", Digest::of(PACKAGES.join(" ").as_bytes()).short());
    let environment = root().join("target").join(&name);
    let python = environment.join("bin/python");
    if python.exists() {
        return environment;
    }
    let way_out =
        "this test hands files to Python: make sure that python3 has venv and pip, and that pip reaches an index";
    let run = |command: &mut Command| {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {way_out}"));
        assert!(output.status.success(), "{command:?}: {}; {way_out}", String::from_utf8_lossy(&output.stderr).trim());
    };
    // Whole or not at all: another test may make it at the same time.
    let making = environment.with_file_name(format!("{name}.{}", std::process::id()));
    run(Command::new("python3").args(["-m", "venv"]).arg(&making));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(making.join("bin/python")).args(install).args(PACKAGES));
    if let Err(error) = std::fs::rename(&making, &environment) {
        assert!(python.exists(), "{}: {error}", environment.display());
        std::fs::remove_dir_all(&making).unwrap();
    }
    environment
}
