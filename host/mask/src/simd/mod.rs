//! The hot loops, compiled for several instruction sets.
//!
//! A kernel is one plain Rust function that is compiled and vectorised once for every [`Level`]; each call selects the
//! version of the current level. Every level gives the same bits, because the source is the same. Only the packing of
//! bytes (`pack.rs`) is written by hand, since compilers do not find the instruction for it.

mod kernels;
mod level;
mod pack;
#[cfg(test)]
mod tests;

pub use level::{Level, at, levels};

pub(crate) use kernels::{count, count_each, count_shared, fold_down, mix, transpose, xor_down};
pub(crate) use pack::at_least;
