//! Compares pictures with photos by thumbnails of 16 × 16 mean colours.

use super::layout::Region;
use super::picture::Picture;

/// The number of cells along each side.
const CELLS: u32 = 16;

/// The largest difference between channels of equal cells, which resizing and JPEG cause.
const NEAR: f32 = 10.0;

/// The mean colours of a picture's cells, by rows, 0 to 255.
#[derive(Clone, Debug)]
pub(crate) struct Thumbnail(Vec<[f32; 3]>);

impl Thumbnail {
    pub(crate) fn of(picture: &Picture, region: Region) -> Self {
        let mut sums = vec![([0.0_f32; 3], 0.0_f32); (CELLS * CELLS) as usize];
        for y in 0..region.height {
            let row = y * CELLS / region.height * CELLS;
            for (x, pixel) in (0..region.width).zip(picture.row(region.y + y, region.x)) {
                let cell = (row + x * CELLS / region.width) as usize;
                if let Some((sum, count)) = sums.get_mut(cell) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += f32::from(value));
                    *count += 1.0;
                }
            }
        }
        Self(sums.into_iter().map(|(sum, count)| sum.map(|sum| sum / count.max(1.0))).collect())
    }

    /// How much of this picture is the photo, 0 to 1, if marks may have been drawn on it: red over some of it, or
    /// darkness around a part.
    pub(crate) fn likeness(&self, photo: &Self) -> f32 {
        let sum: f32 = self.0.iter().zip(&photo.0).map(|(seen, own)| cell(*seen, *own)).sum();
        sum / (CELLS * CELLS) as f32
    }
}

/// How much a cell speaks for a photo whose cell is `own`, 0 to 1.
fn cell(seen: [f32; 3], own: [f32; 3]) -> f32 {
    let near = |from: [f32; 3]| seen.iter().zip(from).all(|(seen, own)| (seen - own).abs() <= NEAR);
    if near(own) {
        return 1.0;
    }
    // Whether the cell is the photo's, mixed with a colour.
    let mixed_with = |to: [f32; 3], least: f32, most: f32| {
        let (share, _) = super::mark::mixture(seen, own, to);
        let mixed = [0, 1, 2].map(|c| {
            let (own, to) = (own.get(c).unwrap_or(&0.0), to.get(c).unwrap_or(&0.0));
            own + (to - own) * share
        });
        (least..=most).contains(&share) && near(mixed)
    };
    if mixed_with([255.0, 0.0, 0.0], 0.0, 0.9) {
        0.75
    } else if seen.iter().all(|value| *value <= NEAR) {
        // No photo has black pixels, so the cell was blackened by a cutout.
        0.4
    } else if mixed_with([0.0; 3], 0.4, 0.95) {
        0.5
    } else {
        0.0
    }
}
