//! What a ledger costs.

use crate::shell::{Outcome, cargo, root};

/// Prints the ledger's cost beside SQLite's. Takes some minutes, and 15 GB of disk below `target` meanwhile.
pub fn ledger() -> Outcome {
    cargo(&root(), &["run", "--quiet", "--release", "--package", "rescue-bench-ledger"])
}
