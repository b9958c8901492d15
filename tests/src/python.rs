//! Python with packages, for tests that hand files to what people read them with.

use std::path::PathBuf;
use std::process::Command;

use crate::root;

/// What files are read back with.
const PACKAGES: [&str; 5] = ["pandas", "polars", "pyarrow", "pycocotools", "pillow"];

/// A Python with pandas, polars, pyarrow and pycocotools, in an environment of its own below `target`, which is made with pip if it is not
/// there.
pub fn python() -> PathBuf {
    let environment = root().join("target/python-readers");
    let python = environment.join("bin/python");
    let made = environment.join("made");
    if made.is_file() {
        return python;
    }
    let way_out = "this test reads files back with Python: make sure that python3 has venv and pip, and that pip reaches an index";
    let run = |command: &mut Command| {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {way_out}"));
        assert!(output.status.success(), "{command:?}: {}; {way_out}", String::from_utf8_lossy(&output.stderr).trim());
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(&python).args(install).args(PACKAGES));
    std::fs::write(made, "").unwrap();
    python
}
