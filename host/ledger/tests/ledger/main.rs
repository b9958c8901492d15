//! A ledger from outside: what it promises while it is written, damaged, killed, merged and pruned.
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
