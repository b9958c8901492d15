//! The limits of pictures, views, marks and text.

use std::ops::RangeInclusive;

/// The largest number of views in one picture. The smallest is 1.
pub const VIEWS: usize = 16;
/// The largest number of marks in one view.
pub const MARKS: usize = 64;
/// The range of `max_side`, the largest longer side of a view, in pixels.
pub const SIDE: RangeInclusive<u32> = 64..=4096;
/// The largest line width, in pixels of the picture. Drawing time grows with it.
pub const LINE: f64 = 100.0;
/// The largest number of pixels of a whole picture.
pub const PIXELS: u64 = 20_000_000;
/// The largest number of lines of a caption. Further text is replaced by "…".
pub const CAPTION_LINES: usize = 3;
/// The approximate number of letters of a caption that are read. More letters than these never fit into its lines.
pub(crate) const CAPTION_LETTERS: usize = 200;
/// The largest number of letters of a label. Further text is replaced by "…".
pub const LABEL_LETTERS: usize = 32;
/// The longer side, in pixels, to which a smaller part of a photo is enlarged. Otherwise marks would cover it, and
/// models would refuse pictures of a few pixels.
pub const LEAST_SIDE: u32 = 256;
/// The least width and height of a whole picture, in pixels. The preparation of pictures of Qwen3-VL fails below it, that of older
/// Qwen-VLs below 28: two patches, of 16 or 14 pixels.
pub const LEAST_PICTURE_SIDE: u32 = 32;
/// The largest ratio of the longer to the shorter side of a whole picture. Qwen-VL's preparation refuses 200.
pub const MAX_RATIO: u32 = 150;
/// The size of a painter's cache of its resized photo, in bytes. The most recently used size is kept even if it is larger.
pub(crate) const CACHE_BYTES: usize = 32 << 20;
