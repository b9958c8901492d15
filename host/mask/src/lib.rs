//! Bit masks of photos: which pixels belong to a thing.
//!
//! A [`Mask`] says of every pixel of an image whether it is inside, one bit each. This crate measures masks (area, bounds,
//! components, intersection over union), writes and reads them (COCO run lengths, PNG) and draws them over photos.
//!
//! ```
//! use rescue_mask::{Mask, Paint, Rect, Size, Style, draw, jpeg, png};
//!
//! let size = Size::new(640, 480);
//! let left = Mask::from_rect(size, Rect { x_min: 100.0, y_min: 100.0, x_max: 300.0, y_max: 300.0 });
//! let right = Mask::from_rect(size, Rect { x_min: 200.0, y_min: 100.0, x_max: 400.0, y_max: 300.0 });
//! assert_eq!(left.area(), 200 * 200);
//! assert_eq!(left.iou(&right)?, 1.0 / 3.0);
//!
//! // To others: as COCO tools write it, and as a PNG.
//! let text = left.to_rle().encode_string();
//! assert_eq!(rescue_mask::Rle::parse_string(size, &text)?.to_mask(), left);
//! assert_eq!(png::read_mask(&png::write_mask(&left)?, 1_000_000)?, left);
//!
//! // To people: drawn over the photo.
//! let mut rgb = vec![90; 640 * 480 * 3];
//! draw(&mut rgb, size, &left, &Paint::new(Style::Outline))?;
//! let file = jpeg::encode_rgb(size, &rgb, 85)?;
//! assert_eq!(file.get(..2), Some(&[0xff, 0xd8][..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Units
//!
//! Everything is in pixels of the image: x to the right, y down, the top left pixel is (0, 0). Boxes are half open. Where a
//! position is a float, the centre of the pixel (x, y) is at (x + 0.5, y + 0.5).
//!
//! # What strangers send
//!
//! The readers ([`Rle`], [`png::read_mask`]) take no side longer than [`MAX_SIDE`], do work in proportion to what they were
//! given and answer with typed errors. Nothing here panics on bytes from outside. [`Mask::new`] and [`Rle::to_mask`] allocate
//! what the size asks for: look at the size first where a stranger chose it.

mod blocks;
mod combine;
mod components;
mod error;
mod iou;
pub mod jpeg;
mod mask;
mod measure;
mod morphology;
mod overlay;
mod pack;
pub mod png;
mod rle;
mod rle_decode;
mod rle_encode;
mod rle_serde;
mod rle_string;
mod runs;
mod showcase;
#[doc(hidden)]
pub mod simd;
mod style;
mod transpose;

pub use error::{MaskError, RleError};
pub use iou::iou_matrix;
pub use mask::Mask;
pub use measure::Bounds;
pub use overlay::draw;
pub use rescue_core::{Rect, Size};
pub use rle::Rle;
pub use runs::{Run, Runs};
pub use showcase::showcase;
pub use style::{DrawError, Paint, Style, UnknownStyle};

/// The longest side, in pixels, of what the readers take; also the longest that a JPEG can have. Up to it an area fits `u32`.
pub const MAX_SIDE: u32 = 65_535;
