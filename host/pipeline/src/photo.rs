//! Decodes photos. A file is hostile input: its size is checked before its pixels are decoded.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use rescue_core::{Digest, Photo, Size};

/// The most pixels of a photo.
pub const MAX_PIXELS: u64 = 100_000_000;
/// The largest file of a photo, in bytes.
pub const MAX_FILE_BYTES: u64 = 256 << 20;
/// The most memory for what a file holds beside its pixels, in bytes. A colour profile can be compressed to very few bytes.
const MAX_ASIDE_BYTES: u64 = 64 << 20;

/// A photo that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("image {}: {cause}", file.display())]
pub struct PhotoError {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub cause: PhotoCause,
}

/// Why a photo could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoCause {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The file is too large.
    #[error("the file has {0} bytes; at most {MAX_FILE_BYTES} are taken")]
    FileBytes(u64),
    /// Not a format that is read here.
    #[error("is not a JPEG, PNG or WebP image: convert it to one of these")]
    Format,
    /// The file is damaged.
    #[error("is damaged or incomplete: {0}")]
    Damaged(String),
    /// There are no pixels.
    #[error("has no pixels: its header says {0}")]
    Empty(Size),
    /// There are too many pixels.
    #[error("is {0} pixels; at most {most} megapixels are taken: shrink it first", most = MAX_PIXELS / 1_000_000)]
    Pixels(Size),
    /// There is more than one picture.
    #[error("is animated: save the one frame that you mean as a PNG")]
    Animated,
}

/// Reads a photo: turned as its EXIF data says, transparency over black, 8 bits a channel.
///
/// # Errors
///
/// Returns an error if the file cannot be read, is not a still JPEG, PNG or WebP image, is damaged, or exceeds a limit.
pub fn read(file: &Path) -> Result<Photo, PhotoError> {
    let fail = |cause| PhotoError { file: file.to_owned(), cause };
    let length = std::fs::metadata(file).map_err(|error| fail(error.into()))?.len();
    if length > MAX_FILE_BYTES {
        return Err(fail(PhotoCause::FileBytes(length)));
    }
    // Devices and pipes have no length of their own.
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|error| fail(error.into()))?;
    opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| fail(error.into()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fail(PhotoCause::FileBytes(bytes.len() as u64)));
    }
    decode(&bytes).map_err(fail)
}

/// As [`read`], for a file in memory.
///
/// # Errors
///
/// As [`read`].
pub fn decode(bytes: &[u8]) -> Result<Photo, PhotoCause> {
    let format = image::guess_format(bytes).map_err(|_| PhotoCause::Format)?;
    match format {
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP => {}
        _ => return Err(PhotoCause::Format),
    }
    if let (ImageFormat::Png, Some(size)) = (format, png_size(bytes)) {
        check(size)?;
    }
    if is_animated(bytes, format)? {
        return Err(PhotoCause::Animated);
    }
    if format == ImageFormat::Jpeg && !jpeg_ends(bytes) {
        return Err(PhotoCause::Damaged("it breaks off before its end".into()));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let size = Size::new(width, height);
    check(size)?;
    if let (ImageFormat::WebP, Some(frame)) = (format, webp_frame(bytes))
        && frame != size
    {
        return Err(PhotoCause::Damaged(format!("its frame is {frame}, its header says {size}")));
    }
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    let rgb = over_black(picture);
    let size = Size::new(rgb.width(), rgb.height());
    Photo::new(size, rgb.into_raw(), Digest::of(bytes)).ok_or_else(|| PhotoCause::Damaged("pixels are missing".into()))
}

fn check(size: Size) -> Result<(), PhotoCause> {
    match size.pixels() {
        0 => Err(PhotoCause::Empty(size)),
        pixels if pixels > MAX_PIXELS => Err(PhotoCause::Pixels(size)),
        _ => Ok(()),
    }
}

/// What a PNG's header says. The decoder has no better word for a size beyond its limits than "limits".
fn png_size(bytes: &[u8]) -> Option<Size> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some(Size::new(number(16)?, number(20)?))
}

/// What the lossy frame in a WebP says. The decoder takes memory for that before it looks whether the file's header says the same.
fn webp_frame(bytes: &[u8]) -> Option<Size> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let (length, body) = after.split_first_chunk::<4>()?;
        if name == b"VP8 " {
            let side = |at: usize| Some(u16::from_le_bytes(body.get(at..at + 2)?.try_into().ok()?) & 0x3fff);
            return Some(Size::new(side(6)?.into(), side(8)?.into()));
        }
        let length = u32::from_le_bytes(*length);
        rest = body.get(length.checked_add(length % 2)? as usize..)?;
    }
}

fn damaged(error: ImageError) -> PhotoCause {
    PhotoCause::Damaged(error.to_string())
}

/// What decoders may take before they come to the pixels, whose number is checked here.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_ASIDE_BYTES);
    limits
}

/// Whether a JPEG has its end marker. The decoder silently fills missing pixels with grey.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        rest = match rest {
            [0xff, 0xd9, ..] => return true,
            // Markers without a length, zeros that are stuffed behind data, and fill bytes.
            [0xff, 0x00 | 0x01 | 0xd0..=0xd8, rest @ ..] => rest,
            [0xff, 0xff, ..] => rest.get(1..).unwrap_or_default(),
            [0xff, _, high, low, ..] => {
                rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default()
            }
            [_, rest @ ..] => rest,
            [] => return false,
        };
    }
}

fn is_animated(bytes: &[u8], format: ImageFormat) -> Result<bool, PhotoCause> {
    match format {
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits());
            decoder.and_then(|decoder| decoder.is_apng()).map_err(damaged)
        }
        ImageFormat::WebP => Ok(WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?.has_animation()),
        _ => Ok(false),
    }
}

/// What a viewer with a black background shows.
fn over_black(picture: DynamicImage) -> image::RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let mut rgb = image::RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|channel| ((channel * alpha + 127) / 255) as u8);
    }
    rgb
}
