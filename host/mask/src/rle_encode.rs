//! Encodes a bit mask as run lengths.

use crate::blocks::{Band, Fill, SIDE};
use crate::mask::Mask;
use crate::rle::Rle;
use crate::simd;

impl Mask {
    /// The run lengths of the mask, as COCO tools write them. They are exact if no side is longer than
    /// [`MAX_SIDE`](crate::MAX_SIDE).
    pub fn to_rle(&self) -> Rle {
        let size = self.size();
        let bands: Vec<Band> = self.bands().collect();
        let fills: Vec<Fill> = bands.iter().flat_map(|band| band.fills()).collect();
        let mut runs = RunCounter::new(size.height, 2 * size.width as usize);
        let mut strip = Vec::with_capacity(bands.len());
        for (left, column) in (0..size.width).step_by(SIDE).zip(0..) {
            strip.clear();
            let mut above = Fill::Mixed;
            for ((top, band), fill) in
                (0..).step_by(SIDE).zip(&bands).zip(fills.iter().skip(column).step_by(self.stride()))
            {
                // An empty or full block below a block of the same kind starts no run and ends none, so it is left out.
                if *fill == Fill::Mixed || *fill != above {
                    strip.push(TransposedBlock::new(*band, *fill, column, top));
                }
                above = *fill;
            }
            for (x, column) in (left..size.width).zip(0..SIDE) {
                strip.iter().for_each(|block| runs.add_column(block, x, column));
            }
        }
        Rle::new_unchecked(size, runs.finish(size.pixels()))
    }
}

/// A transposed block: each of its rows is a column of the mask.
struct TransposedBlock {
    /// The first row of the mask in the block.
    top: u32,
    /// The number of mask rows in the block, 1 to 64.
    height: u32,
    columns: [u64; SIDE],
}

impl TransposedBlock {
    fn new(band: Band, fill: Fill, column: usize, top: u32) -> Self {
        let columns = match fill {
            Fill::Empty => [0; SIDE],
            Fill::Full => [u64::MAX; SIDE],
            Fill::Mixed => {
                let mut block = band.block(column);
                simd::transpose(&mut block);
                block
            }
        };
        Self { top, height: band.height() as u32, columns }
    }
}

/// Counts the runs of the mask in column order.
struct RunCounter {
    /// The number of rows of the mask.
    height: u32,
    counts: Vec<u32>,
    /// The number of pixels in the finished runs.
    counted: u64,
    /// 1 if the previous pixel is inside, else 0.
    inside: u64,
}

impl RunCounter {
    fn new(height: u32, expected: usize) -> Self {
        Self { height, counts: Vec::with_capacity(expected), counted: 0, inside: 0 }
    }

    /// Continues with one column of a block, which is part of column `x` of the mask.
    fn add_column(&mut self, block: &TransposedBlock, x: u32, column: usize) {
        let Some(word) = block.columns.get(column) else { return };
        // Bits are set where a pixel differs from the previous one.
        let mut changes = (word ^ (word << 1 | self.inside)) & (u64::MAX >> (64 - block.height));
        let start = u64::from(x) * u64::from(self.height) + u64::from(block.top);
        while changes != 0 {
            self.end_run(start + u64::from(changes.trailing_zeros()));
            changes &= changes - 1;
        }
        self.inside = word >> (block.height - 1) & 1;
    }

    /// Ends the current run before this pixel, counted in column order.
    fn end_run(&mut self, pixel: u64) {
        self.counts.push(u32::try_from(pixel - self.counted).unwrap_or(u32::MAX));
        self.counted = pixel;
    }

    /// Ends the last run of a mask of `pixels` pixels, and returns all lengths.
    fn finish(mut self, pixels: u64) -> Vec<u32> {
        // As in pycocotools, an empty last run is left out unless it is the only run.
        if self.counted < pixels || self.counts.is_empty() {
            self.end_run(pixels);
        }
        self.counts.shrink_to_fit();
        self.counts
    }
}
