//! What the sandbox costs.

use crate::guests;
use crate::shell::{Outcome, cargo, root};

/// Prints the host's cost beside bare wasmtime's and native code's.
pub fn border() -> Outcome {
    guests::plugins()?;
    // Its start is measured too.
    cargo(&root(), &["build", "--quiet", "--release", "--package", "rescue-host"])?;
    cargo(&root(), &["run", "--quiet", "--release", "--package", "rescue-bench-border"])
}
