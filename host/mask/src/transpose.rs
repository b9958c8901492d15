//! Transposes masks, 64 × 64 pixels at a time.

use rescue_core::Size;

use crate::blocks::{Fill, SIDE};
use crate::mask::Mask;
use crate::simd;

impl Mask {
    /// The mask mirrored at its diagonal: rows become columns, as COCO's run lengths need them.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let mask = Mask::from_fn(Size::new(70, 3), |x, y| x % 5 == y);
    /// assert_eq!(mask.transposed(), Mask::from_fn(Size::new(3, 70), |x, y| y % 5 == x));
    /// ```
    pub fn transposed(&self) -> Self {
        let size = self.size();
        let mut turned = Self::new(Size::new(size.height, size.width));
        let stride = turned.stride().max(1);
        // A band of 64 rows becomes a column of words.
        for (turned_column, band) in self.bands().enumerate() {
            for (column, fill) in band.fills().enumerate() {
                if fill == Fill::Empty {
                    continue; // Most of a mask.
                }
                let mut block = band.block(column);
                simd::turn(&mut block);
                for (row, word) in turned.words_mut().chunks_exact_mut(stride).skip(column * SIDE).zip(block) {
                    if let Some(slot) = row.get_mut(turned_column) {
                        *slot = word;
                    }
                }
            }
        }
        turned
    }
}
