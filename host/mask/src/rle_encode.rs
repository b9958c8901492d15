//! Encodes bits as run lengths.

use crate::blocks::{Band, Fill, SIDE};
use crate::mask::Mask;
use crate::rle::Rle;
use crate::simd;

impl Mask {
    /// The run lengths, as COCO tools write them. Exact if no side is longer than [`MAX_SIDE`](crate::MAX_SIDE).
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

/// A transposed block: its rows are columns of the mask.
struct Turned {
    /// The first row of the mask in it.
    top: u32,
    /// The number of mask rows in it, 1 to 64.
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

/// Counts runs in column order.
struct Counting {
    /// The number of rows of the mask.
    height: u32,
    counts: Vec<u32>,
    /// The number of pixels in the runs so far.
    counted: u64,
    /// 1 if the previous pixel is inside, else 0.
    inside: u64,
}

impl Counting {
    fn new(height: u32, expected: usize) -> Self {
        Self { height, counts: Vec::with_capacity(expected), counted: 0, inside: 0 }
    }

    /// Continues with a column of a block, which is column `x` of the mask.
    fn go_down(&mut self, block: &Turned, x: u32, column: usize) {
        let Some(word) = block.columns.get(column) else { return };
        // Bits are set where a pixel differs from the previous one.
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
        // As in pycocotools, an empty last run is left out, unless it is the only one.
        if self.counted < pixels || self.counts.is_empty() {
            self.end_at(pixels);
        }
        self.counts
    }
}
