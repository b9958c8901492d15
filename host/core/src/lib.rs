//! The types that every crate of `rescue-host` shares. No I/O.
//!
//! Coordinates are pixels of the original image: x to the right, y down, half open, so that the whole image is the box
//! (0, 0, width, height).

mod digest;
mod geometry;
mod photo;
mod prompt;
mod seed;

pub use digest::Digest;
pub use geometry::{Point, Rect, Size};
pub use photo::Photo;
pub use prompt::{Detection, Prompt};
pub use seed::Seed;
