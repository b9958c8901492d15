//! Reads masks from PNG files, and writes masks and pictures as PNG files.

use std::io::Cursor;

use ::png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};
use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::MaskError;
use crate::mask::Mask;
use crate::png::form::Form;

mod form;

/// The smallest value, of 0 to 255, of a pixel inside the mask.
pub const THRESHOLD: u8 = 128;

/// The most bytes that the decoder may allocate for anything but the pixels, such as colour profiles and texts, which a
/// hostile file could make large.
const LIMIT_BYTES: usize = 16 << 20;

/// A PNG file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// The file is not a PNG, or it is truncated or damaged.
    #[error("the PNG cannot be read: {0}")]
    Decode(#[from] ::png::DecodingError),
    /// The header states more pixels than the caller allowed, or a side longer than [`MAX_SIDE`].
    #[error("the PNG is {size}, but at most {max_pixels} pixels and sides of {MAX_SIDE} are allowed")]
    TooLarge {
        /// The size in the header.
        size: Size,
        /// The largest number of pixels that the caller allowed.
        max_pixels: u64,
    },
    /// The file has an alpha channel that says something else than its colours: it is a photo cut out, and no mask.
    #[error(
        "the PNG has colours and an alpha channel that differ: it is a cut-out, not a mask. Send grey values of 0 and 255"
    )]
    Cutout,
    /// No pixel is inside, and the values are not 0 and 1 only: they may be the numbers of classes.
    #[error(
        "the greatest value of the PNG is {greatest}, and a pixel is inside from {THRESHOLD} on. Send grey values of 0 and 255"
    )]
    Dim {
        /// The other value, of 255.
        greatest: u8,
    },
    /// The picture cannot be written, for example because a side is 0.
    #[error("the PNG cannot be written: {0}")]
    Encode(#[from] ::png::EncodingError),
    /// The length of the buffer does not match the size of the picture.
    #[error(transparent)]
    Buffer(#[from] MaskError),
}

/// Reads a mask from a PNG file of any colour type and bit depth. A pixel is inside if its value, the greatest of its
/// channels, is at least [`THRESHOLD`] of 255.
///
/// Two other forms are read, as they cannot be mistaken: values of 0 and 1 alone, and a mask in the alpha channel of a
/// picture of one colour. A file whose alpha channel says something else than its colours, or whose values are 0 and
/// one below [`THRESHOLD`], is refused: it would be read as another mask than was meant.
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
/// Returns [`PngError::TooLarge`] if the header states more than `max_pixels` pixels or a side longer than
/// [`MAX_SIDE`], before anything of that size is allocated. Returns [`PngError::Decode`] if the file is damaged,
/// [`PngError::Cutout`] or [`PngError::Dim`] if it is no mask that can be read in one way.
pub fn read_mask(bytes: &[u8], max_pixels: u64) -> Result<Mask, PngError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: LIMIT_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info()?;
    let size = Size::new(header.width, header.height);
    let too_large = PngError::TooLarge { size, max_pixels };
    if size.pixels() > max_pixels || size.width.max(size.height) > MAX_SIDE {
        return Err(too_large);
    }
    let mut reader = decoder.read_info()?;
    let (colours, depth) = reader.output_color_type();
    let mut form = Form::new(size, colours, depth);
    let length = reader.output_line_size(size.width).ok_or(too_large)?;
    if reader.info().interlaced {
        // The rows of an interlaced file come in pieces, so it is decoded as a whole.
        let too_large = PngError::TooLarge { size, max_pixels };
        let mut values = vec![0; reader.output_buffer_size().ok_or(too_large)?];
        reader.next_frame(&mut values)?;
        values.chunks_exact(length.max(1)).for_each(|row| form.row(row));
        return form.mask();
    }
    let mut values = vec![0; length];
    // The call after the last row looks for the end of the data, so it fails if the file is truncated.
    while reader.read_row(&mut values)?.is_some() {
        form.row(&values);
    }
    form.mask()
}

/// Writes a mask as a PNG file with 8-bit grey values: 255 inside, 0 outside. The same mask gives the same bytes.
///
/// # Errors
///
/// Returns [`PngError::Encode`] if the mask has no pixels, since a PNG file has at least one.
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

/// Writes a picture as a PNG file. `rgb` holds three bytes per pixel (red, green, blue), row by row. The same picture
/// gives the same bytes.
///
/// # Errors
///
/// Returns [`PngError::Buffer`] if `rgb` is not width × height × 3 bytes long, and [`PngError::Encode`] if a side is 0.
pub fn write_rgb(size: Size, rgb: &[u8]) -> Result<Vec<u8>, PngError> {
    MaskError::check_length(size, 3, rgb.len())?;
    write(size, ColorType::Rgb, rgb)
}

fn write(size: Size, colours: ColorType, values: &[u8]) -> Result<Vec<u8>, PngError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(colours);
    encoder.set_depth(BitDepth::Eight);
    // This setting uses the encoder's own compressor, which is fast and does not depend on the backend that a program
    // chose for `flate2`.
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(values)?;
    writer.finish()?;
    Ok(file)
}
