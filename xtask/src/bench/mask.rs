//! What masks cost.

use crate::shell::{Outcome, cargo, root};

/// Prints the mask kernels' times beside their peers'.
pub fn mask() -> Outcome {
    cargo(&root(), &["run", "--quiet", "--release", "--package", "rescue-bench-mask"])
}
