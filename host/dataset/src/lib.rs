//! Data sets of referring and reasoning segmentation: photos, sentences, and the true masks.
//!
//! This crate knows nothing of searches, and nothing of searches knows this crate: a true mask cannot reach one.

mod npy;
mod pickle;
mod polygon;
