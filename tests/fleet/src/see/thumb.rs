//! Which photo a picture shows, by 16 × 16 mean colours.

use super::layout::Region;
use super::picture::Picture;

/// Cells a side.
const CELLS: u32 = 16;

/// Channels of equal cells differ by no more than this: resizing, JPEG.
const NEAR: f32 = 10.0;

/// The mean colours of a picture's cells, by rows.
#[derive(Clone, Debug)]
pub(crate) struct Thumb(Vec<[f32; 3]>);

impl Thumb {
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

    /// How much of this is the photo, 0 to 1, where marks may have been drawn on it: red over some of it, or something dark
    /// around a part.
    pub(crate) fn likeness(&self, photo: &Self) -> f32 {
        let sum: f32 = self.0.iter().zip(&photo.0).map(|(seen, own)| cell(*seen, *own)).sum();
        sum / (CELLS * CELLS) as f32
    }
}

/// How much a cell says for a photo whose cell is `own`.
fn cell(seen: [f32; 3], own: [f32; 3]) -> f32 {
    let near = |from: [f32; 3]| seen.iter().zip(from).all(|(seen, own)| (seen - own).abs() <= NEAR);
    if near(own) {
        return 1.0;
    }
    // Mixed with a colour, it lies on the way there.
    let on_the_way = |to: [f32; 3], least: f32, most: f32| {
        let (share, _) = super::mark::mixture(seen, own, to);
        let mixed = [0, 1, 2].map(|c| {
            let (own, to) = (own.get(c).unwrap_or(&0.0), to.get(c).unwrap_or(&0.0));
            own + (to - own) * share
        });
        (least..=most).contains(&share) && near(mixed)
    };
    if on_the_way([255.0, 0.0, 0.0], 0.0, 0.9) {
        0.75
    } else if seen.iter().all(|value| *value <= NEAR) {
        // No photo is black anywhere: it was cut out.
        0.4
    } else if on_the_way([0.0; 3], 0.4, 0.95) {
        0.5
    } else {
        0.0
    }
}
