//! Target `image`: decoding of photos within the limits.

use std::io::Cursor;

use ::image::{ImageFormat, ImageReader};
use flate2::Crc;
use rescue_core::{Photo, Size};
use rescue_mask::jpeg;
use rescue_pipeline::photo::{MAX_PIXELS, PhotoCause, decode};

use crate::memory;

/// The number of pixels from which on photos are not tried: they are allowed, but only take time.
const MAX_TRIED: u64 = 1 << 21;
/// The memory that decoding may take for any file, in bytes: 64 MiB beside the pixels, and the set-up of decoders.
const ASIDE: usize = 66 << 20;
/// The memory that decoding may take for each pixel, in bytes: four channels of 16 bits, a converted copy, and a JPEG's
/// coefficients.
const BYTES_A_PIXEL: usize = 24;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Decodes the bytes as a file. A PNG is decoded a second time with correct checksums, which a fuzzer would hardly
/// find.
pub fn image(data: &[u8]) {
    file(data);
    if let Some(png) = with_checksums(data) {
        file(&png);
    }
}

fn file(bytes: &[u8]) {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    let said = match reader.format() {
        Some(ImageFormat::Jpeg) => jpeg::size(bytes),
        _ => reader.into_dimensions().ok().map(|(width, height)| Size::new(width, height)),
    };
    if said.is_some_and(|size| (MAX_TRIED..=MAX_PIXELS).contains(&size.pixels())) {
        return;
    }
    let (read, peak) = memory::peak(|| decode(bytes));
    let most = ASIDE + 16 * bytes.len() + BYTES_A_PIXEL * said.map_or(0, blocks);
    assert!(peak <= most, "{peak} bytes for a file of {} that says it is {said:?}; at most {most}", bytes.len());
    match read {
        Ok(photo) => holds(&photo, said.unwrap()),
        Err(PhotoCause::Pixels(size)) => assert!(size.pixels() > MAX_PIXELS, "{size}"),
        Err(PhotoCause::Empty(size)) => assert_eq!(size.pixels(), 0),
        Err(cause) => assert!(!cause.to_string().is_empty()),
    }
}

/// The pixels of a photo whose sides are rounded up to the blocks of decoders. 0 if the photo is refused because of its
/// size.
fn blocks(size: Size) -> usize {
    let rounded = |side: u32| side as usize + 64;
    if size.pixels() > MAX_PIXELS { 0 } else { rounded(size.width) * rounded(size.height) }
}

fn holds(photo: &Photo, said: Size) {
    let size = photo.size();
    assert!((1..=MAX_PIXELS).contains(&size.pixels()));
    assert_eq!(photo.rgb().len() as u64, 3 * size.pixels());
    // The size is as stated, or rotated by a quarter turn.
    assert!(size == said || size == Size::new(said.height, said.width), "{size} is not {said}");
}

/// The file with correct checksums. `None` if it is not a PNG, or has correct checksums already.
fn with_checksums(data: &[u8]) -> Option<Vec<u8>> {
    let mut rest = data.strip_prefix(PNG)?;
    let mut file = PNG.to_vec();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let body = 4 + u32::from_be_bytes(*length) as usize;
        let (Some(chunk), Some(behind)) = (after.get(..body), after.get(body + 4..)) else { break };
        let mut sum = Crc::new();
        sum.update(chunk);
        file.extend(length);
        file.extend(chunk);
        file.extend(sum.sum().to_be_bytes());
        rest = behind;
    }
    file.extend(rest);
    (file != data).then_some(file)
}
