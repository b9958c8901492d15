//! Grows and shrinks masks by a disc (morphological dilation and erosion).

use crate::mask::Mask;

impl Mask {
    /// The mask grown by a disc: a pixel is inside if a pixel within `radius` pixels of it is inside this mask. The
    /// disc has a radius of `radius` + ½, so it looks round at small radii too; a radius of 1 covers the eight
    /// neighbours. Time grows with the size of the image and with the radius.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let dot = Mask::from_fn(Size::new(9, 9), |x, y| (x, y) == (4, 4));
    /// assert_eq!(dot.grown(0), dot);
    /// assert_eq!(dot.grown(1).area(), 3 * 3);
    /// assert_eq!(dot.grown(2).area(), 5 * 5 - 4, "a square without its corners");
    /// ```
    pub fn grown(&self, radius: u32) -> Self {
        let size = self.size();
        // This radius reaches every pixel already.
        let radius = radius.min(size.width.max(size.height));
        let mut grown = Self::new(size);
        // One empty word on either side, so that every word of the row has two neighbours.
        let mut widened = vec![0; self.stride() + 2];
        let mut spare = widened.clone();
        for (y, row) in (0_u32..).zip(self.rows()) {
            if row.iter().all(|word| *word == 0) {
                continue;
            }
            widened.fill(0);
            widened.iter_mut().skip(1).zip(row).for_each(|(widened, word)| *widened = *word);
            let mut reach = 0;
            // From the top and bottom of the disc, where it is narrow, to its middle.
            for distance in (0..=radius).rev() {
                while reach < half_width(radius, distance) {
                    widen(&mut widened, &mut spare);
                    reach += 1;
                }
                for y in [y.checked_sub(distance), y.checked_add(distance)].into_iter().flatten() {
                    grown.add_row(y, widened.get(1..).unwrap_or_default());
                }
            }
        }
        grown.clear_padding();
        grown
    }

    /// The mask shrunk by a disc: a pixel is inside if the whole disc around it, as in [`Mask::grown`], is inside this
    /// mask. Pixels outside the image count as outside the mask.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let all = Mask::from_fn(Size::new(9, 9), |_, _| true);
    /// assert_eq!(all.shrunk(2).area(), 5 * 5);
    /// ```
    pub fn shrunk(&self, radius: u32) -> Self {
        let size = self.size();
        let mut kept = self.inverted().grown(radius).inverted();
        let mut interior = Self::new(size);
        interior.fill(radius, radius, size.width.saturating_sub(radius), size.height.saturating_sub(radius));
        for (word, interior) in kept.words_mut().iter_mut().zip(interior.words()) {
            *word &= interior;
        }
        kept
    }

    /// Adds the pixels of `words` to a row. Rows below the image are ignored.
    fn add_row(&mut self, y: u32, words: &[u64]) {
        let Some(row) = self.rows_mut().nth(y as usize) else { return };
        for (own, word) in row.iter_mut().zip(words) {
            *own |= word;
        }
    }
}

/// The reach of the disc to the left and to the right, `distance` rows from its middle: the largest w with
/// w² + distance² < (radius + ½)².
fn half_width(radius: u32, distance: u32) -> u64 {
    let (radius, distance) = (u64::from(radius), u64::from(distance));
    (radius * (radius + 1)).saturating_sub(distance * distance).isqrt()
}

/// Adds every pixel whose left or right neighbour is inside. `spare` is a buffer of the same length, whose first and
/// last words are 0.
fn widen(row: &mut Vec<u64>, spare: &mut Vec<u64>) {
    for (word, [before, here, after]) in spare.iter_mut().skip(1).zip(row.array_windows()) {
        *word = here | (here << 1) | (before >> 63) | (here >> 1) | (after << 63);
    }
    std::mem::swap(row, spare);
}
