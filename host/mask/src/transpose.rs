//! Rows to columns, 64 × 64 pixels at a time.

use rescue_core::Size;

use crate::mask::Mask;

impl Mask {
    /// The mask mirrored at its diagonal: rows become columns. Run lengths of others go by columns.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let mask = Mask::from_fn(Size::new(70, 3), |x, y| x % 5 == y);
    /// assert_eq!(mask.transposed(), Mask::from_fn(Size::new(3, 70), |x, y| y % 5 == x));
    /// ```
    pub fn transposed(&self) -> Self {
        let size = self.size();
        let (stride, mut turned) = (self.stride(), Self::new(Size::new(size.height, size.width)));
        let turned_stride = turned.stride();
        // A band of 64 rows becomes a column of words.
        for (band_index, band) in self.words().chunks((stride * 64).max(1)).enumerate() {
            for column in 0..stride {
                let mut block = [0; 64];
                for (word, row) in block.iter_mut().zip(band.chunks_exact(stride)) {
                    *word = row.get(column).copied().unwrap_or_default();
                }
                if block.iter().all(|word| *word == 0) {
                    continue; // Most of a mask.
                }
                turn(&mut block);
                let rows = turned.words_mut().chunks_exact_mut(turned_stride).skip(column * 64);
                for (row, word) in rows.zip(block) {
                    if let Some(slot) = row.get_mut(band_index) {
                        *slot = word;
                    }
                }
            }
        }
        turned
    }
}

/// Transposes 64 × 64 bits: swaps the off-diagonal quarters, then those of each quarter, and so on.
fn turn(block: &mut [u64; 64]) {
    let mut side = 32;
    let mut low = u64::MAX >> 32; // The columns of the left halves.
    while side > 0 {
        for part in block.chunks_exact_mut(2 * side) {
            let (upper, lower) = part.split_at_mut(side);
            for (upper, lower) in upper.iter_mut().zip(lower) {
                let differ = ((*upper >> side) ^ *lower) & low;
                *lower ^= differ;
                *upper ^= differ << side;
            }
        }
        side /= 2;
        low ^= low << side;
    }
}
