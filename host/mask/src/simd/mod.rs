//! Hot loops, compiled for several instruction sets.
//!
//! A kernel is one plain Rust function, compiled once for every [`Level`] and selected at the call: the compiler vectorises it, and every level
//! gives the same bits because the source is the same. Only packing bytes (`pack.rs`) is written by hand, since no compiler finds the
//! instruction for it.

mod kernels;
mod level;
mod pack;
#[cfg(test)]
mod tests;

pub use level::{Level, at, levels};

pub(crate) use kernels::{count, count_each, count_shared, fold_down, mix, turn, xor_down};
pub(crate) use pack::at_least;
