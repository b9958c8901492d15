//! From bits to run lengths.

use crate::blocks::{Band, Fill, SIDE};
use crate::mask::Mask;
use crate::rle::Rle;
use crate::simd;

impl Mask {
    /// Its run lengths as COCO tools write them. Exact as long as no side is longer than [`MAX_SIDE`](crate::MAX_SIDE).
    pub fn to_rle(&self) -> Rle {
        let size = self.size();
        let bands: Vec<Band> = self.bands().collect();
        let fills: Vec<Fill> = bands.iter().flat_map(|band| band.fills()).collect();
        let mut runs = Counting::new(size.height, 2 * size.width as usize);
        let mut strip = Vec::with_capacity(bands.len());
        for (left, column) in (0..size.width).step_by(SIDE).zip(0..) {
            strip.clear();
            let mut above = Fill::Mixed;
            for ((top, band), fill) in
                (0..).step_by(SIDE).zip(&bands).zip(fills.iter().skip(column).step_by(self.stride()))
            {
                // Nothing changes within such a block, nor from the one above to it.
                if *fill == Fill::Mixed || *fill != above {
                    strip.push(Turned::new(*band, *fill, column, top));
                }
                above = *fill;
            }
            for (x, column) in (left..size.width).zip(0..SIDE) {
                strip.iter().for_each(|block| runs.go_down(block, x, column));
            }
        }
        Rle::of(size, runs.finish(size.pixels()))
    }
}

/// A block of which the rows are the mask's columns.
struct Turned {
    /// The row of the mask that it starts at.
    top: u32,
    /// How many rows of the mask it has, 1 to 64.
    height: u32,
    columns: [u64; SIDE],
}

impl Turned {
    fn new(band: Band, fill: Fill, column: usize, top: u32) -> Self {
        let columns = match fill {
            Fill::Empty => [0; SIDE],
            Fill::Full => [u64::MAX; SIDE],
            Fill::Mixed => {
                let mut block = band.block(column);
                simd::turn(&mut block);
                block
            }
        };
        Self { top, height: band.height() as u32, columns }
    }
}

/// Counts runs on the way down the columns.
struct Counting {
    /// How many rows the mask has.
    height: u32,
    counts: Vec<u32>,
    /// How many pixels have been counted: the last run ended there.
    counted: u64,
    /// 1 where the pixel before was inside.
    inside: u64,
}

impl Counting {
    fn new(height: u32, expected: usize) -> Self {
        Self { height, counts: Vec::with_capacity(expected), counted: 0, inside: 0 }
    }

    /// Goes on with a column of a block, which is column `x` of the mask.
    fn go_down(&mut self, block: &Turned, x: u32, column: usize) {
        let Some(word) = block.columns.get(column) else { return };
        // Where a pixel is not like the one before.
        let mut changes = (word ^ (word << 1 | self.inside)) & (u64::MAX >> (64 - block.height));
        let start = u64::from(x) * u64::from(self.height) + u64::from(block.top);
        while changes != 0 {
            self.end_at(start + u64::from(changes.trailing_zeros()));
            changes &= changes - 1;
        }
        self.inside = word >> (block.height - 1) & 1;
    }

    /// Ends a run before this pixel.
    fn end_at(&mut self, pixel: u64) {
        self.counts.push(u32::try_from(pixel - self.counted).unwrap_or(u32::MAX));
        self.counted = pixel;
    }

    fn finish(mut self, pixels: u64) -> Vec<u32> {
        // As others do, nothing is written where nothing is left, unless nothing has been written at all.
        if self.counted < pixels || self.counts.is_empty() {
            self.end_at(pixels);
        }
        self.counts
    }
}
