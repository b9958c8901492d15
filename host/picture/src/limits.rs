//! The limits of pictures.

use std::ops::RangeInclusive;

/// The most views in one picture. The fewest is one.
pub const VIEWS: usize = 16;
/// The most marks in one view.
pub const MARKS: usize = 64;
/// The range of the largest longer side that a view may ask for, in pixels.
pub const SIDE: RangeInclusive<u32> = 64..=4096;
/// The largest line width, in pixels of the picture. Drawing time grows with it.
pub const LINE: f64 = 100.0;
/// The most pixels of a whole picture.
pub const PIXELS: u64 = 20_000_000;
/// The most lines of a caption. The rest is replaced by "…".
pub const CAPTION_LINES: usize = 3;
/// The most letters of a caption that are read: more than fit into its lines at any width.
pub(crate) const CAPTION_LETTERS: usize = 200;
/// The most letters of a label. The rest is replaced by "…".
pub const LABEL_LETTERS: usize = 32;
/// A smaller part of a photo is enlarged to this longer side, in pixels: marks would cover it otherwise, and models refuse pictures of
/// a few pixels.
pub const LEAST_SIDE: u32 = 256;
/// The size of a painter's cache of resized parts of its photo, in bytes. The latest part is kept even if it is larger.
pub(crate) const KEPT_BYTES: usize = 32 << 20;
