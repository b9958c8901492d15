//! Decodes JPEG files.
//!
//! The decoder is a port of libjpeg-turbo, chosen by what it gets right: `tests/jpegs` has legal files of every kind that libjpeg's own
//! tools write, and what libjpeg makes of them. It is used leniently, so that it says how much of a file it could not decode.

use std::borrow::Cow;

use libjpeg_turbo_rs::{DecodeLimits, DecodeWarning, Decoder, JpegError, PixelFormat};
use rescue_core::Size;

/// The most scans of a file. Photos have about ten; each costs a pass over all pixels.
const MAX_SCANS: usize = 256;

/// A decoded JPEG.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The size in pixels, before an orientation is applied.
    pub size: Size,
    /// Three bytes per pixel (red, green, blue), row by row.
    pub rgb: Vec<u8>,
    /// The EXIF data; `None` if the file has none.
    pub exif: Option<Vec<u8>>,
}

/// Why a JPEG was not decoded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The header states more pixels than the caller allowed.
    #[error("the JPEG is {0}, which is larger than allowed")]
    TooLarge(Size),
    /// A side is 0.
    #[error("the JPEG has no pixels: its header says {0}")]
    Empty(Size),
    /// The file is of a legal kind that is not read here.
    #[error("the JPEG is of a kind that is not read here: {0}")]
    Unsupported(String),
    /// The file is damaged.
    #[error("the JPEG is damaged: {0}")]
    Damaged(String),
}

/// The size that a JPEG file states, in pixels, before an orientation is applied. `None` if its header cannot be read.
pub fn size(file: &[u8]) -> Option<Size> {
    let ended = ended(file);
    let decoder = Decoder::new(&ended).ok()?;
    Some(Size::new(decoder.header().width.into(), decoder.header().height.into()))
}

/// The file with an end marker, which the decoder wants; it then says what is missing before it.
fn ended(file: &[u8]) -> Cow<'_, [u8]> {
    if has_end(file) { file.into() } else { [file, &[0xff, 0xd9]].concat().into() }
}

fn has_end(file: &[u8]) -> bool {
    segments(file).any(|(marker, _)| marker == 0xd9)
}

/// Decodes a JPEG file: baseline, progressive and lossless, with Huffman or arithmetic coding, grey, YCbCr, RGB, CMYK and YCCK. The
/// colours of CMYK are those of a simple mixture, without a colour profile.
///
/// A file without its end marker is whole if no pixel is missing, unless it is coded arithmetically, where that cannot be seen.
///
/// # Errors
///
/// Returns a [`DecodeError`] if the file has more than `max_pixels` pixels, before anything of that size is allocated; if it is of a kind
/// that is not read; or if anything of its pixels is missing or damaged.
pub fn decode(file: &[u8], max_pixels: u64) -> Result<Decoded, DecodeError> {
    let ended = ended(file);
    let mut decoder = Decoder::new(&ended).map_err(|error| plain(&error))?;
    let header = decoder.header();
    let (lossless, channels) = (header.is_lossless, header.components.len());
    let size = Size::new(header.width.into(), header.height.into());
    if size.pixels() == 0 {
        return Err(DecodeError::Empty(size));
    }
    if size.pixels() > max_pixels {
        return Err(DecodeError::TooLarge(size));
    }
    if header.precision != 8 {
        return Err(DecodeError::Unsupported(format!("it has {} bits a sample, not 8", header.precision)));
    }
    let sampling = header.components.iter().map(|channel| (channel.horizontal_sampling, channel.vertical_sampling));
    if channels == 4 && !are_inks_alike(&sampling.collect::<Vec<_>>()) {
        return Err(DecodeError::Unsupported("its four channels differ in their resolutions".into()));
    }
    decoder.set_limits(DecodeLimits { max_pixels, max_scans: MAX_SCANS, ..DecodeLimits::default() });
    decoder.set_output_format(if channels == 4 { PixelFormat::Cmyk } else { PixelFormat::Rgb });
    decoder.set_lenient(true);
    let image = decoder.decode_image().map_err(|error| plain(&error))?;
    image.warnings.iter().try_for_each(whole)?;
    // An arithmetic decoder goes on without data, and cannot say that there is none.
    if !has_end(file) && segments(file).any(|(marker, _)| matches!(marker, 0xc9..=0xcb)) {
        return Err(DecodeError::Damaged(
            "it has no end marker, and arithmetic coding does not show whether all of it is there".into(),
        ));
    }
    if !lossless && !is_refined(file, channels) {
        return Err(DecodeError::Damaged("it breaks off before its last scan".into()));
    }
    let rgb = if channels == 4 { mixed(&image.data, has_adobe_marker(file)) } else { image.data };
    if rgb.len() as u64 != size.pixels() * 3 {
        return Err(DecodeError::Damaged("pixels are missing".into()));
    }
    Ok(Decoded { size, rgb, exif: image.exif_data })
}

/// Whether the first and last of four channels have the full resolution, and the two others the same one: the decoder takes that for
/// granted.
fn are_inks_alike(sampling: &[(u8, u8)]) -> bool {
    let most = sampling.iter().copied().reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
    matches!(sampling, [first, second, third, last] if Some(*first) == most && first == last && second == third)
}

/// An error of the decoder in plain words.
fn plain(error: &JpegError) -> DecodeError {
    let text = error.to_string();
    let kinds = [
        ("bit precision", "it has more than 8 bits a sample"),
        ("out-samples", "its colours have a finer resolution than its brightness"),
        ("non-interleaved", "a scan holds some of its channels together and not the others"),
        ("hierarchical", "it is coded hierarchically"),
        ("differential", "it is coded hierarchically"),
    ];
    if let Some((_, kind)) = kinds.iter().find(|(word, _)| text.to_lowercase().contains(word)) {
        return DecodeError::Unsupported((*kind).into());
    }
    match error {
        JpegError::Unsupported(_) => DecodeError::Unsupported("its coding or its layout of channels is rare".into()),
        JpegError::LimitExceeded { what, actual, limit } => {
            DecodeError::Unsupported(format!("its {what} is {actual}, and at most {limit} is read"))
        }
        JpegError::AllocationFailed { .. } => DecodeError::Damaged("it asks for more memory than there is".into()),
        JpegError::UnexpectedEof => DecodeError::Damaged("it breaks off".into()),
        _ => DecodeError::Damaged("its structure is broken".into()),
    }
}

/// Fails if a warning means that pixels are not those that were encoded.
fn whole(warning: &DecodeWarning) -> Result<(), DecodeError> {
    match warning {
        DecodeWarning::TruncatedData { decoded_mcus, total_mcus } if decoded_mcus < total_mcus => {
            let missing = 100.0 * (1.0 - *decoded_mcus as f64 / *total_mcus as f64);
            Err(DecodeError::Damaged(format!("about {:.0} % of its pixels are missing", missing.max(1.0))))
        }
        DecodeWarning::HuffmanError { .. } | DecodeWarning::WarningsSuppressed { .. } => {
            Err(DecodeError::Damaged("some of its pixels cannot be decoded".into()))
        }
        DecodeWarning::UnsupportedRecovered { detail } => Err(plain(&JpegError::Unsupported(detail.clone()))),
        _ => Ok(()),
    }
}

/// The marker segments of a file: the marker's second byte and the segment's content. Data of scans is passed over.
fn segments(file: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = file.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            match rest {
                // Markers without a length, zeros that are stuffed behind data, and fill bytes.
                [0xff, 0x00 | 0x01 | 0xd0..=0xd8, behind @ ..] => rest = behind,
                [0xff, 0xff, ..] => rest = rest.get(1..)?,
                [0xff, 0xd9, ..] => {
                    rest = &[];
                    return Some((0xd9, rest));
                }
                [0xff, marker, high, low, ..] => {
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    let content = rest.get(4..2 + length).unwrap_or_default();
                    rest = rest.get(2 + length..).unwrap_or_default();
                    return Some((*marker, content));
                }
                [_, behind @ ..] => rest = behind,
                [] => return None,
            }
        }
    })
}

fn has_adobe_marker(file: &[u8]) -> bool {
    segments(file).any(|(marker, content)| marker == 0xee && content.starts_with(b"Adobe"))
}

/// Whether the scans of a file have brought every coefficient of every channel to its last bit. Lossless files have one scan.
fn is_refined(file: &[u8], channels: usize) -> bool {
    // For each channel, by its order of appearance, the bits that each coefficient still lacks; `None` if it was not sent.
    let mut known: Vec<(u8, [Option<u8>; 64])> = Vec::new();
    for (_, scan) in segments(file).filter(|(marker, _)| *marker == 0xda) {
        let count = usize::from(scan.first().copied().unwrap_or(0));
        let Some([first, last, bits]) = scan.get(1 + 2 * count..4 + 2 * count) else { continue };
        for id in scan.get(1..1 + 2 * count).unwrap_or_default().iter().step_by(2) {
            let at = known.iter().position(|(known, _)| known == id).unwrap_or_else(|| {
                known.push((*id, [None; 64]));
                known.len() - 1
            });
            let band = usize::from(*first)..usize::from(*last) + 1;
            if let Some(lacking) = known.get_mut(at).and_then(|(_, lacking)| lacking.get_mut(band)) {
                lacking.fill(Some(bits & 0x0f));
            }
        }
    }
    known.len() == channels && known.iter().all(|(_, lacking)| lacking.iter().all(|bits| *bits == Some(0)))
}

/// Red, green and blue of CMYK values. Adobe's programs, which mark their files, store them inverted.
fn mixed(cmyk: &[u8], inverted: bool) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(cmyk.len() / 4 * 3);
    for [c, m, y, k] in cmyk.as_chunks::<4>().0 {
        let light = |value: &u8| u32::from(if inverted { *value } else { 255 - *value });
        rgb.extend([c, m, y].map(|ink| ((light(ink) * light(k) + 127) / 255) as u8));
    }
    rgb
}
