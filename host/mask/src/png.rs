//! Reads and writes masks and pictures as PNG files.

use std::borrow::Cow;
use std::io::Cursor;

use ::png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};
use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::MaskError;
use crate::mask::Mask;
use crate::simd;

/// The smallest value of a pixel inside the mask.
pub const THRESHOLD: u8 = 128;

/// The most memory that the decoder may allocate besides the pixels, for profiles, texts and the like, in bytes. A hostile file may make
/// them large.
const LIMIT_BYTES: usize = 16 << 20;

/// An error of reading or writing a PNG file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// The file is not a PNG, or is truncated or broken.
    #[error("the PNG cannot be read: {0}")]
    Decode(#[from] ::png::DecodingError),
    /// The header promises more pixels than were allowed, or a side longer than [`MAX_SIDE`].
    #[error("the PNG has {size} pixels, {max_pixels} and sides of {MAX_SIDE} are the most")]
    TooLarge {
        /// The size in the header.
        size: Size,
        /// The number of pixels that was allowed.
        max_pixels: u64,
    },
    /// The picture cannot be written: a side of 0, for example.
    #[error("the PNG cannot be written: {0}")]
    Encode(#[from] ::png::EncodingError),
    /// The pixels are more or fewer than the size says.
    #[error(transparent)]
    Buffer(#[from] MaskError),
}

/// Reads a mask from any PNG. A pixel is inside if its grey value, or its red value in a picture with colours, is at least
/// [`THRESHOLD`] of 255. Transparency is ignored.
///
/// ```
/// use rescue_mask::{Mask, Size, png};
///
/// let mask = Mask::from_fn(Size::new(5, 4), |x, y| x > y);
/// let file = png::write_mask(&mask)?;
/// assert_eq!(png::read_mask(&file, 20)?, mask);
/// assert!(matches!(png::read_mask(&file, 19), Err(png::PngError::TooLarge { .. })));
/// # Ok::<(), png::PngError>(())
/// ```
///
/// # Errors
///
/// Returns [`PngError::TooLarge`] if the header promises more than `max_pixels` pixels, before anything of that size is allocated;
/// Returns [`PngError::Decode`] if the file is broken.
pub fn read_mask(bytes: &[u8], max_pixels: u64) -> Result<Mask, PngError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: LIMIT_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info()?;
    let size = Size::new(header.width, header.height);
    let too_large = PngError::TooLarge { size, max_pixels };
    if size.pixels() > max_pixels || size.width.max(size.height) > MAX_SIDE {
        return Err(too_large);
    }
    let mut reader = decoder.read_info()?;
    let samples = reader.output_color_type().0.samples();
    if reader.info().interlaced {
        // Its rows come in pieces.
        let mut values = vec![0; reader.output_buffer_size().ok_or(too_large)?];
        let frame = reader.next_frame(&mut values)?;
        values.truncate(frame.buffer_size());
        return Ok(Mask::from_bytes(size, &first_of(&values, samples), THRESHOLD)?);
    }
    let mut mask = Mask::new(size);
    let mut values = vec![0; reader.output_line_size(size.width).ok_or(too_large)?];
    let mut rows = mask.rows_mut();
    // Behind the last row it looks for the end of the data: a file that was cut is found out.
    while reader.read_row(&mut values)?.is_some() {
        let Some(row) = rows.next() else { continue };
        simd::at_least(&first_of(&values, samples), THRESHOLD, size.width as usize, row);
    }
    Ok(mask)
}

/// The first channel of each pixel. Most masks are grey and need no change.
fn first_of(values: &[u8], samples: usize) -> Cow<'_, [u8]> {
    if samples == 1 { values.into() } else { values.iter().copied().step_by(samples).collect() }
}

/// Writes a mask as a PNG of 8 bits of grey: 255 inside, 0 outside. The same mask makes the same bytes.
///
/// # Errors
///
/// Returns [`PngError::Encode`] if the mask has no pixels: no PNG has none.
pub fn write_mask(mask: &Mask) -> Result<Vec<u8>, PngError> {
    let size = mask.size();
    let width = size.width as usize;
    let mut grey = vec![0_u8; width * size.height as usize];
    for (row, runs) in grey.chunks_exact_mut(width.max(1)).zip(mask.row_runs()) {
        for run in runs {
            if let Some(inside) = row.get_mut(run.x_start as usize..run.x_end as usize) {
                inside.fill(255);
            }
        }
    }
    write(size, ColorType::Grayscale, &grey)
}

/// Writes a picture of 8-bit red, green and blue, by rows. The same picture makes the same bytes.
///
/// # Errors
///
/// Returns [`PngError::Buffer`] if `rgb` is not width × height × 3 bytes long, [`PngError::Encode`] if that is 0.
pub fn write_rgb(size: Size, rgb: &[u8]) -> Result<Vec<u8>, PngError> {
    MaskError::check_length(size, 3, rgb.len())?;
    write(size, ColorType::Rgb, rgb)
}

fn write(size: Size, colours: ColorType, values: &[u8]) -> Result<Vec<u8>, PngError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(colours);
    encoder.set_depth(BitDepth::Eight);
    // Made by the encoder's own compressor: fast, and the same whatever backend a program chose for `flate2`.
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(values)?;
    writer.finish()?;
    Ok(file)
}
