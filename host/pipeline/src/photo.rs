//! Decodes photos. A file is hostile input: its size is checked before its pixels are decoded.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use rescue_core::{Digest, Photo, Size};
use rescue_mask::jpeg::{self, DecodeError};

mod ground;
mod kind;

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
    /// Not a format that is read here: what it is instead, and how to convert it.
    #[error("{0}")]
    Format(String),
    /// A legal file of a kind that is not read here.
    #[error(
        "is a {format} of a kind that is not read here: {what}. Save it anew, for example with `magick IN photo.png`"
    )]
    Unsupported {
        /// The format.
        format: &'static str,
        /// What is not read.
        what: String,
    },
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

/// Reads a photo: turned as its EXIF data says, 8 bits a channel, transparent parts over a neutral ground that sets off the others.
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
    decode_named(&bytes, Some(file)).map_err(fail)
}

/// The size that a photo's file states, in pixels, before it is turned as its EXIF data says. `None` if it states none that can be
/// read. No pixel is decoded.
pub fn stated_size(file: &Path) -> Option<Size> {
    let (width, height) = ImageReader::open(file).ok()?.with_guessed_format().ok()?.into_dimensions().ok()?;
    Some(Size::new(width, height))
}

/// As [`read`], for a file in memory.
///
/// # Errors
///
/// As [`read`].
pub fn decode(bytes: &[u8]) -> Result<Photo, PhotoCause> {
    decode_named(bytes, None)
}

fn decode_named(bytes: &[u8], file: Option<&Path>) -> Result<Photo, PhotoCause> {
    let other = || PhotoCause::Format(kind::refusal(bytes, file));
    let format = image::guess_format(bytes).map_err(|_| other())?;
    let picture = match format {
        ImageFormat::Jpeg => decode_jpeg(bytes)?,
        ImageFormat::Png | ImageFormat::WebP => decode_other(bytes, format)?,
        _ => return Err(other()),
    };
    let digest = Digest::of(bytes);
    let missing = || PhotoCause::Damaged("pixels are missing".into());
    let size = Size::new(picture.width(), picture.height());
    if !picture.color().has_alpha() {
        return Photo::new(size, picture.into_rgb8().into_raw(), digest).ok_or_else(missing);
    }
    let rgba = picture.into_rgba8();
    if rgba.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        return Photo::new(size, DynamicImage::from(rgba).into_rgb8().into_raw(), digest).ok_or_else(missing);
    }
    let (rgb, alpha, ground) = ground::over_ground(&rgba);
    Photo::new(size, rgb.into_raw(), digest).and_then(|photo| photo.with_alpha(alpha, ground)).ok_or_else(missing)
}

fn decode_jpeg(bytes: &[u8]) -> Result<DynamicImage, PhotoCause> {
    let decoded = jpeg::decode(bytes, MAX_PIXELS).map_err(|error| match error {
        DecodeError::TooLarge(size) => PhotoCause::Pixels(size),
        DecodeError::Empty(size) => PhotoCause::Empty(size),
        DecodeError::Unsupported(what) => PhotoCause::Unsupported { format: "JPEG", what },
        DecodeError::Damaged(what) => PhotoCause::Damaged(what),
        other => PhotoCause::Damaged(other.to_string()),
    })?;
    let rgb = RgbImage::from_raw(decoded.size.width, decoded.size.height, decoded.rgb);
    let mut picture = DynamicImage::from(rgb.ok_or_else(|| PhotoCause::Damaged("pixels are missing".into()))?);
    picture.apply_orientation(
        decoded.exif.and_then(|exif| Orientation::from_exif_chunk(&exif)).unwrap_or(Orientation::NoTransforms),
    );
    Ok(picture)
}

fn decode_other(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, PhotoCause> {
    if let (ImageFormat::Png, Some(size)) = (format, png_size(bytes)) {
        check(size)?;
    }
    if is_animated(bytes, format)? {
        return Err(PhotoCause::Animated);
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
    Ok(picture)
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

/// An error of a decoder in plain words.
fn damaged(error: ImageError) -> PhotoCause {
    let text = error.to_string();
    let known = [
        ("CRC", "a checksum (CRC) is wrong"),
        ("eof", "it breaks off before its end"),
        ("end of file", "it breaks off before its end"),
        ("failed to fill", "it breaks off before its end"),
        ("missing", "a part of it is missing"),
        ("limit", "it holds more beside its pixels than is read"),
        ("corrupt", "its compressed data is broken"),
        ("inflate", "its compressed data is broken"),
        ("deflate", "its compressed data is broken"),
    ];
    let lower = text.to_lowercase();
    let found = known.iter().find(|(word, _)| lower.contains(&word.to_lowercase())).map(|(_, plain)| *plain);
    match (&error, found) {
        (_, Some(plain)) => PhotoCause::Damaged(plain.into()),
        (ImageError::Unsupported(_), None) => {
            PhotoCause::Unsupported { format: "file", what: "its coding is rare".into() }
        }
        (_, None) => PhotoCause::Damaged("its structure is broken".into()),
    }
}

/// What decoders may take before they come to the pixels, whose number is checked here.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_ASIDE_BYTES);
    limits
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
