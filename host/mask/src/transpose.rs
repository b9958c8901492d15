//! Transposes masks in blocks of 64 × 64 pixels.

use rescue_core::Size;

use crate::blocks::{Fill, SIDE};
use crate::mask::Mask;
use crate::simd;

impl Mask {
    /// The transposed mask: its rows are the columns of this mask, as in COCO run lengths.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let mask = Mask::from_fn(Size::new(70, 3), |x, y| x % 5 == y);
    /// assert_eq!(mask.transposed(), Mask::from_fn(Size::new(3, 70), |x, y| y % 5 == x));
    /// ```
    pub fn transposed(&self) -> Self {
        let size = self.size();
        let mut transposed = Self::new(Size::new(size.height, size.width));
        let stride = transposed.stride().max(1);
        // A band of 64 rows becomes one column of words.
        for (word_column, band) in self.bands().enumerate() {
            for (column, fill) in band.fills().enumerate() {
                if fill == Fill::Empty {
                    continue; // Most blocks are empty.
                }
                let mut block = band.block(column);
                simd::transpose(&mut block);
                for (row, word) in transposed.words_mut().chunks_exact_mut(stride).skip(column * SIDE).zip(block) {
                    if let Some(slot) = row.get_mut(word_column) {
                        *slot = word;
                    }
                }
            }
        }
        transposed
    }
}
