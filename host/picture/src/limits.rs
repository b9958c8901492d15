//! Every limit of pictures, in one place.

use std::ops::RangeInclusive;

/// Views in one picture, at most; at least one.
pub const VIEWS: usize = 16;
/// Marks in one view, at most.
pub const MARKS: usize = 64;
/// What the longer side of a view may be asked to be at most, in pixels.
pub const SIDE: RangeInclusive<u32> = 64..=4096;
/// Width of a line around a mark, in pixels of the picture, at most: work grows with it.
pub const LINE: f64 = 100.0;
/// Pixels of a whole picture, at most.
pub const PIXELS: u64 = 20_000_000;
/// Lines of a caption; what does not fit is cut off, with "…" in its place.
pub const CAPTION_LINES: usize = 3;
/// Letters of a caption that are looked at: more than fit into its lines at any width.
pub(crate) const CAPTION_LETTERS: usize = 200;
/// Letters of a label; what does not fit is cut off, with "…" in its place.
pub const LABEL_LETTERS: usize = 32;
/// A shorter part of a photo is enlarged to this longer side, in pixels: marks would cover it otherwise, and models refuse
/// pictures of a few pixels.
pub const LEAST_SIDE: u32 = 256;
/// What a painter keeps of a photo in the sizes that it was asked for, in bytes; the latest is kept whatever it takes.
pub(crate) const KEPT_BYTES: usize = 32 << 20;
