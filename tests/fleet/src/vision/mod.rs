//! Computer vision in place of a model's: which scene's photo a picture shows, and which mask is marked on it.
//!
//! The servers get pixels only, as real ones do, and compare them with the photos of the scenes that they know.

mod analyser;
mod layout;
mod mark;
mod picture;
mod probe;
mod thumbnail;

pub(crate) use analyser::{Analyser, Analysis, View};
#[cfg(test)]
pub(crate) use layout::Region;
pub(crate) use picture::{Picture, decode, resize_mask};
