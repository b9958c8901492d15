//! Reads and writes pictures as JPEG files.

use jpeg_encoder::{ColorType, Encoder, EncodingError};
use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::MaskError;

mod base;
mod decode;

pub use base::{Base, File, FileReader};
pub use decode::{DecodeError, Decoded, decode, size};

/// A JPEG file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JpegError {
    /// A side is 0 or longer than [`MAX_SIDE`].
    #[error("a picture of {size} cannot be written as a JPEG: its sides must be 1 to {MAX_SIDE} pixels")]
    Side {
        /// The size of the picture.
        size: Size,
    },
    /// The quality is not in the range 1 to 100.
    #[error("the JPEG quality must be 1 to 100, not {quality}")]
    Quality {
        /// The quality that was asked for.
        quality: u8,
    },
    /// The buffer does not have three bytes per pixel.
    #[error(transparent)]
    Buffer(#[from] MaskError),
    /// The encoder failed.
    #[error("the JPEG cannot be written: {0}")]
    Encode(#[from] EncodingError),
}

/// Encodes a picture as a baseline JPEG file. `rgb` holds three bytes per pixel (red, green, blue), row by row.
/// `quality` is 1 to 100; from 90 on, the colours keep their full resolution.
///
/// On one machine, the same picture gives the same bytes. Processors with and without AVX2 round differently, so files
/// from different machines may differ in a few bytes. So identify a JPEG by its picture, not by the digest of its file.
///
/// ```
/// use rescue_mask::{Size, jpeg};
///
/// let file = jpeg::encode_rgb(Size::new(8, 8), &[200; 8 * 8 * 3], 85)?;
/// assert_eq!(file.get(..2), Some(&[0xff, 0xd8][..]));
/// # Ok::<(), jpeg::JpegError>(())
/// ```
///
/// # Errors
///
/// Returns a [`JpegError`] if a side or the quality is out of range, or if `rgb` is not width × height × 3 bytes long.
pub fn encode_rgb(size: Size, rgb: &[u8], quality: u8) -> Result<Vec<u8>, JpegError> {
    let (width, height) = check(size, rgb, quality)?;
    // A photo of usual quality takes about this many bytes, so the buffer rarely grows.
    let mut file = Vec::with_capacity(rgb.len() / 8);
    Encoder::new(&mut file, quality).encode(rgb, width, height, ColorType::Rgb)?;
    Ok(file)
}

/// The width and height of a picture that can be encoded.
fn check(size: Size, rgb: &[u8], quality: u8) -> Result<(u16, u16), JpegError> {
    MaskError::check_length(size, 3, rgb.len())?;
    if !(1..=100).contains(&quality) {
        return Err(JpegError::Quality { quality });
    }
    let side = |pixels: u32| u16::try_from(pixels).ok().filter(|side| *side > 0).ok_or(JpegError::Side { size });
    Ok((side(size.width)?, side(size.height)?))
}
