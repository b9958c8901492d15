//! Tests the guarantees of a ledger while it is written, damaged, merged and pruned, and when its writers are killed.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod damage;
mod folder;
mod full;
mod help;
mod kill;
mod many;
mod merge;
mod model;
mod prune;
mod torn;
