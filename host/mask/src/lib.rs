//! Measures, compares, converts and draws bit masks, which say which pixels of a photo belong to an object.
//!
//! A [`Mask`] holds one bit for every pixel of an image, which says whether the pixel is inside. This crate measures
//! masks (area, bounds, components, intersection over union), writes and reads them (COCO run lengths, PNG) and draws
//! them on photos.
//!
//! Compare two masks, or many at once:
//!
//! ```
//! use rescue_mask::{Mask, Rect, Size, iou_matrix};
//!
//! let size = Size::new(640, 480);
//! let left = Mask::from_rect(size, Rect { x_min: 100.0, y_min: 100.0, x_max: 300.0, y_max: 300.0 });
//! let right = Mask::from_rect(size, Rect { x_min: 200.0, y_min: 100.0, x_max: 400.0, y_max: 300.0 });
//! assert_eq!(left.area(), 200 * 200);
//! assert_eq!(left.iou(&right)?, 1.0 / 3.0);
//! assert_eq!(iou_matrix(&[left, right])?, [1.0, 1.0 / 3.0, 1.0 / 3.0, 1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Convert a model's output to COCO run lengths (with `serde`, [`Rle`] also reads and writes their JSON):
//!
//! ```
//! use rescue_mask::{Mask, Rle, Size};
//!
//! let size = Size::new(4, 3);
//! let logits = [-1.0, 2.0, 2.0, -1.0, -1.0, 2.0, 2.0, -1.0, -1.0, -1.0, 2.0, -1.0];
//! let mask = Mask::from_slice(size, &logits, |logit| *logit > 0.0)?;
//! let text = mask.to_rle().encode_string();
//! assert_eq!(text, "32112");
//! assert_eq!(Rle::parse_string(size, &text)?.to_mask(), mask);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Clean up a mask and draw it on a photo:
//!
//! ```
//! use rescue_mask::{Mask, Paint, Size, Style, draw};
//!
//! let size = Size::new(64, 48);
//! let mask = Mask::from_fn(size, |x, y| x.abs_diff(32).pow(2) + y.abs_diff(24).pow(2) < 300 || (x, y) == (1, 1));
//! assert_eq!(mask.components(), 2);
//! let thing = mask.largest_component().filled();
//! let mut rgb = vec![90; 64 * 48 * 3];
//! draw(&mut rgb, size, &thing, &Paint::new(Style::Outline))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules `png` and `jpeg` read and write files. Each belongs to a feature of the same name, which also brings its
//! dependencies.
//!
//! # Speed
//!
//! Most blocks of 64 × 64 pixels of a mask are empty or full. So the functions work on words of 64 pixels and on
//! blocks, with AVX2 or AVX-512 if the processor has them. The results are the same on every processor, bit for bit.
//!
//! # Units
//!
//! Coordinates are in pixels of the image. x points to the right, y down, and the top left pixel is (0, 0). Boxes are
//! half open. In floating-point coordinates, the centre of pixel (x, y) is at (x + 0.5, y + 0.5).
//!
//! # Hostile input
//!
//! The readers ([`Rle`], `png::read_mask`) accept no side longer than [`MAX_SIDE`], do work in proportion to their
//! input, return typed errors, and never panic. [`Mask::new`] and [`Rle::to_mask`] allocate one bit for each pixel of
//! the given size, so check an untrusted size first.

mod blocks;
mod combine;
mod compact;
mod components;
mod error;
mod iou;
#[cfg(feature = "jpeg")]
pub mod jpeg;
mod mask;
mod measure;
mod morphology;
mod overlay;
mod pack;
#[cfg(feature = "png")]
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

pub use compact::CompactMask;
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

/// The longest side that the readers accept, in pixels. It is also the longest side of a JPEG. The area of a mask of
/// this size fits into `u32`.
pub const MAX_SIDE: u32 = 65_535;
