//! Measures our own code.

use std::collections::BTreeMap;

use rescue_mask::simd::{self, Level};
use rescue_mask::{Mask, Paint, Rle, Style, draw, iou_matrix, jpeg, png};

use crate::Failure;
use crate::clock::median;
use crate::data::{Data, SIZE};

/// The times of one operation in milliseconds.
#[derive(Default)]
pub struct Ours {
    /// The time without vector instructions. `None` if our code does not use them for this operation.
    pub scalar: Option<f64>,
    /// The time with the best instructions that the processor has.
    pub best: f64,
}

/// Measures every operation. Returns the times by the operations' names in the table.
pub fn measure(data: &Data, pngs: &[Vec<u8>]) -> Result<BTreeMap<&'static str, Ours>, Failure> {
    let mut times: BTreeMap<&str, Ours> = BTreeMap::new();
    let levels = simd::levels();
    for level in levels.first().into_iter().chain(levels.last()) {
        let scalar = Some(level) == levels.first();
        for (name, milliseconds) in at(*level, data, pngs)? {
            let ours = times.entry(name).or_default();
            if scalar {
                ours.scalar = Some(milliseconds);
            } else {
                ours.best = milliseconds;
            }
        }
    }
    // These run code of other libraries, which does not follow our levels.
    let mut photo = |name, milliseconds| times.insert(name, Ours { scalar: None, best: milliseconds });
    photo("JPEG encode, quality 85", median(|| jpeg::encode_rgb(SIZE, &data.photo, 85)));
    photo("JPEG decode", median(|| image::load_from_memory(&data.jpeg).map(image::DynamicImage::into_rgb8)));
    Ok(times)
}

/// Measures the operations of our own code with the instructions of a level.
fn at(level: Level, data: &Data, pngs: &[Vec<u8>]) -> Result<Vec<(&'static str, f64)>, Failure> {
    let (blobs, noise) = (Data::masks(&data.blobs)?, Data::masks(&data.noise)?);
    let (blob_texts, noise_texts) = (texts(&blobs), texts(&noise));
    let mut by_area: Vec<&Mask> = blobs.iter().collect();
    by_area.sort_by_key(|mask| mask.area());
    let middle = by_area.get(by_area.len() / 2).copied().ok_or("there are no blobs")?;
    let mut photo = data.photo.clone();
    Ok(simd::at(level, || {
        vec![
            ("IoU 64 × 64, blobs", median(|| iou_matrix(&blobs))),
            ("IoU 8 × 8, noise", median(|| iou_matrix(&noise))),
            ("pack 64 masks to bits, from memory", median(|| pack(&data.blobs))),
            (
                "pack one mask × 64, from cache",
                median(|| {
                    data.blobs.first().map(|one| (0..64).map(|_| pack(std::slice::from_ref(one))).sum::<usize>())
                }),
            ),
            ("RLE encode × 64, blobs", median(|| texts(&blobs))),
            ("RLE encode × 8, noise", median(|| texts(&noise))),
            ("RLE decode × 64, blobs", median(|| decode(&blob_texts))),
            ("RLE decode × 8, noise", median(|| decode(&noise_texts))),
            (
                "PNG mask decode × 64",
                median(|| pngs.iter().filter(|file| png::read_mask(file, 1 << 20).is_ok()).count()),
            ),
            ("overlay of one mask", median(|| draw(&mut photo, SIZE, middle, &Paint::new(Style::Overlay)))),
            ("components × 64, blobs", median(|| blobs.iter().map(Mask::components).sum::<u32>())),
            ("components × 8, noise", median(|| noise.iter().map(Mask::components).sum::<u32>())),
            ("grow by 5 pixels × 64", median(|| blobs.iter().filter(|mask| !mask.grown(5).is_empty()).count())),
        ]
    }))
}

/// Packs masks. Each is dropped at once, so that the allocation of 64 masks is not measured too.
fn pack(bytes: &[Vec<u8>]) -> usize {
    bytes.iter().filter(|bytes| Mask::from_bytes(SIZE, bytes, 128).is_ok()).count()
}

pub fn texts(masks: &[Mask]) -> Vec<String> {
    masks.iter().map(|mask| mask.to_rle().encode_string()).collect()
}

/// Decodes masks. Each is dropped at once, as in [`pack`].
fn decode(texts: &[String]) -> usize {
    texts.iter().filter(|text| Rle::parse_string(SIZE, text).is_ok_and(|rle| rle.to_mask().get(0, 0))).count()
}
