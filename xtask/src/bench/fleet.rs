//! What whole runs cost against model servers.

use std::env;
use std::path::PathBuf;

use crate::guests;
use crate::shell::{self, Outcome, cargo, root};

/// Prints the cost of whole runs beside that of a client of the original system's design.
pub fn fleet() -> Outcome {
    guests::plugins()?;
    shell::say("building the host for release");
    cargo(&root(), &["build", "--quiet", "--release", "--package", "rescue-host", "--package", "rescue-bench-fleet"])?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    shell::run(&root(), &target.join("release").join("rescue-bench-fleet").display().to_string(), &[])
}
