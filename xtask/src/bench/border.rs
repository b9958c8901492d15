//! What the sandbox costs.

use std::env;
use std::path::PathBuf;

use crate::guests;
use crate::shell::{self, Outcome, cargo, root};

/// Prints the host's cost beside bare wasmtime's and native code's.
pub fn border() -> Outcome {
    guests::plugins()?;
    cargo(&root(), &["test", "--quiet", "--release", "--package", "rescue-bench-border"])?;
    // The host's start is measured too. Built together with the bench, everything is built once.
    cargo(&root(), &["build", "--quiet", "--release", "--package", "rescue-host", "--package", "rescue-bench-border"])?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let bench = target.join("release").join("rescue-bench-border");
    shell::run(&root(), &bench.display().to_string(), &[])
}
