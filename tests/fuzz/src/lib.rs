//! Properties of the code that reads untrusted bytes. There is one function for each reader; it takes any bytes, and
//! panics if a property does not hold.
//!
//! `cargo xtask fuzz` searches for bytes that break a property (it needs a C++ compiler, for libFuzzer). `cargo xtask
//! test` only runs the bytes that are stored: those in `corpus/`, a small set that covers much of the readers' code,
//! and those in `findings/`, each of which broke something once and stays as a regression test.
//!
//! A new target needs a function here, a file in `fuzz_targets/`, lines in `Cargo.toml` and in `tests.rs`, and a folder
//! in `corpus/`. With cargo-fuzz, `cargo fuzz run --fuzz-dir tests/fuzz --features libfuzzer TARGET` works as well.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a property that does not hold ends the run"
)]

mod border;
mod image;
mod memory;
mod reply;
mod rle;
mod settings;
mod trace;

pub use border::border;
pub use image::image;
pub use reply::reply;
pub use rle::rle;
pub use settings::settings;
pub use trace::trace;

#[cfg(test)]
mod tests;
