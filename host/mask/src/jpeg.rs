//! Writes pictures as JPEG files.

use jpeg_encoder::{ColorType, Encoder, EncodingError};
use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::MaskError;

/// An error of writing a JPEG file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JpegError {
    /// A side is 0 or longer than [`MAX_SIDE`].
    #[error("a picture of {size} cannot be a JPEG: sides are 1 to {MAX_SIDE} pixels")]
    Side {
        /// The size of the picture.
        size: Size,
    },
    /// The quality is not 1 to 100.
    #[error("JPEG quality is 1 to 100, not {quality}")]
    Quality {
        /// The value that was asked for.
        quality: u8,
    },
    /// The buffer does not have three bytes a pixel.
    #[error(transparent)]
    Buffer(#[from] MaskError),
    /// The encoder refused.
    #[error("the JPEG cannot be written: {0}")]
    Encode(#[from] EncodingError),
}

/// Writes a picture of 8-bit red, green and blue, by rows, as a baseline JPEG. `quality` is 1 to 100; from 90 on colours are
/// kept at full resolution.
///
/// The same picture makes the same bytes on one machine. Processors with and without AVX2 round differently, so that files from
/// different machines may differ in a few bytes: identify a JPEG by its picture, not by its digest.
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
/// A [`JpegError`]: sides or quality out of range, or `rgb` not width × height × 3 bytes long.
pub fn encode_rgb(size: Size, rgb: &[u8], quality: u8) -> Result<Vec<u8>, JpegError> {
    MaskError::check_length(size, 3, rgb.len())?;
    if !(1..=100).contains(&quality) {
        return Err(JpegError::Quality { quality });
    }
    let side = |pixels: u32| u16::try_from(pixels).ok().filter(|side| *side > 0).ok_or(JpegError::Side { size });
    let (width, height) = (side(size.width)?, side(size.height)?);
    // About the size of a photo at usual qualities, so that the buffer need not grow.
    let mut file = Vec::with_capacity(rgb.len() / 8);
    Encoder::new(&mut file, quality).encode(rgb, width, height, ColorType::Rgb)?;
    Ok(file)
}
