//! Splits a mask into blocks of 64 × 64 pixels. Most blocks are empty or full; mixed ones lie along the edges of objects.

use crate::mask::Mask;
use crate::simd;

/// The number of rows and of columns of a block.
pub(crate) const SIDE: usize = 64;

/// The content of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// No pixel is inside.
    Empty,
    /// Every pixel is inside. Not used for narrower blocks in the last column.
    Full,
    /// Some pixels are inside.
    Mixed,
}

/// Up to 64 rows of a mask.
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

    /// The content of each block, from the left. The band is read once.
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

    /// The rows of one block, with rows of zeros below the image.
    pub(crate) fn block(self, column: usize) -> [u64; SIDE] {
        let mut block = [0; SIDE];
        for (word, row) in block.iter_mut().zip(self.rows.chunks_exact(self.stride)) {
            *word = row.get(column).copied().unwrap_or_default();
        }
        block
    }
}

impl Mask {
    /// The rows, 64 at a time, from the top.
    pub(crate) fn bands(&self) -> impl Iterator<Item = Band<'_>> {
        // An image without columns has no words, and so no bands.
        let stride = self.stride().max(1);
        self.words().chunks(stride * SIDE).map(move |rows| Band { rows, stride })
    }
}
