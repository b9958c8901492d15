//! Tests of the public functions of the crate.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod compact;
mod drawing;
mod hostile_rle;
#[cfg(all(feature = "jpeg", feature = "png"))]
mod jpegs;
mod levels;
mod naive;
#[cfg(all(feature = "jpeg", feature = "png"))]
mod pictures;
mod properties;
mod rle_cases;
