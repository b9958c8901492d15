//! A mask as blocks of 64 × 64 pixels, most of which are empty or full: what is mixed lies along the edge of a thing.

use crate::mask::Mask;
use crate::simd;

/// How many rows and columns a block has.
pub(crate) const SIDE: usize = 64;

/// What is in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Nothing.
    Empty,
    /// Every pixel; never said of the last column of blocks where it is narrower.
    Full,
    /// Anything.
    Mixed,
}

/// Up to 64 rows of a mask.
#[derive(Clone, Copy)]
pub(crate) struct Band<'a> {
    rows: &'a [u64],
    stride: usize,
}

impl Band<'_> {
    /// How many rows, 1 to 64.
    pub(crate) fn height(self) -> usize {
        self.rows.len() / self.stride
    }

    /// What is in each of its blocks, from the left. The band is read once.
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

    /// The rows of one block; there are rows of zeros below the image.
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
        // An image without columns has no words, so that there are no bands.
        let stride = self.stride().max(1);
        self.words().chunks(stride * SIDE).map(move |rows| Band { rows, stride })
    }
}
