//! The plain types that the crates of `rescue-host` share: sizes, boxes, prompts, photos, digests and seeds. No I/O.
//!
//! Coordinates are in pixels of the original image. x points to the right and y down. Boxes are half open, so the box
//! of the whole image is (0, 0, width, height).

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
