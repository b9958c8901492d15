//! Splits a mask into blocks of 64 × 64 pixels. Most blocks are empty or full; mixed blocks lie along the edges of
//! objects.

use crate::mask::Mask;
use crate::simd;

/// The number of rows and of columns in a block.
pub(crate) const SIDE: usize = 64;

/// The content of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// No pixel is inside.
    Empty,
    /// Every pixel is inside. A block narrower than 64 pixels, in the last column, is never reported as full.
    Full,
    /// Some pixels are inside.
    Mixed,
}

/// A band of up to 64 rows of a mask.
#[derive(Clone, Copy)]
pub(crate) struct Band<'a> {
    rows: &'a [u64],
    stride: usize,
}

impl Band<'_> {
    /// The number of rows, 1 to 64.
    pub(crate) fn height(self) -> usize {
        self.rows.len() / self.stride
    }

    /// The content of each block, from left to right. Reads the band once.
    pub(crate) fn fills(self) -> impl Iterator<Item = Fill> {
        (0..self.stride).step_by(8).flat_map(move |column| {
            let (any, all) = simd::fold_down(self.rows, self.stride, column);
            let fill = |(any, all)| match (any, all) {
                (0, _) => Fill::Empty,
                (_, u64::MAX) => Fill::Full,
                _ => Fill::Mixed,
            };
            any.into_iter().zip(all).map(fill).take(self.stride - column)
        })
    }

    /// The 64 rows of the block in this column of blocks. Rows below the image are 0.
    pub(crate) fn block(self, column: usize) -> [u64; SIDE] {
        let mut block = [0; SIDE];
        for (word, row) in block.iter_mut().zip(self.rows.chunks_exact(self.stride)) {
            *word = row.get(column).copied().unwrap_or_default();
        }
        block
    }
}

impl Mask {
    /// The bands of the mask, from top to bottom.
    pub(crate) fn bands(&self) -> impl Iterator<Item = Band<'_>> {
        // An image without columns has no words, so the result has no bands.
        let stride = self.stride().max(1);
        self.words().chunks(stride * SIDE).map(move |rows| Band { rows, stride })
    }
}
