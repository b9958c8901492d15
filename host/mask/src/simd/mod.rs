//! Hot loops, compiled for what the processor has.
//!
//! A kernel is one plain Rust body, compiled once for every [`Level`] and picked when it is called: compilers make vectors of
//! it, and every level gives the same bits because it is the same body. Only packing bytes (`pack.rs`) is written by hand, as
//! no compiler finds the instruction for it.

mod kernels;
mod level;
mod pack;
#[cfg(test)]
mod tests;

pub use level::{Level, at, levels};

pub(crate) use kernels::{count, count_each, count_shared, fold_down, mix, turn, xor_down};
pub(crate) use pack::at_least;
