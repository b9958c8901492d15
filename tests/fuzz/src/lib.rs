//! What has to hold of everything that reads strangers' bytes: one function for each reader, which takes any bytes at all and
//! panics where a property does not hold.
//!
//! `cargo xtask fuzz` searches for bytes that break them (it needs a C++ compiler, for libFuzzer). `cargo xtask test` only runs
//! what has been found before: the bytes in `corpus/`, which reach as much of the readers as few bytes can, and those in
//! `findings/`, each of which broke something once. A finding stays there, so that what it broke stays whole.
//!
//! A new target is a function here, a file in `fuzz_targets/`, its lines in `Cargo.toml` and in `tests.rs`, and a folder in `corpus/`.
//! Who has cargo-fuzz may say `cargo fuzz run --fuzz-dir tests/fuzz --features libfuzzer TARGET` as well.
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
