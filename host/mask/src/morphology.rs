//! Grows and shrinks masks by a disc.

use crate::mask::Mask;

impl Mask {
    /// The pixels within `radius` pixels of one inside. The disc is that of radius + ½, which looks round at small radii too;
    /// a radius of 1 takes the eight neighbours. Time grows with the image and the radius, whatever the mask looks like.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let dot = Mask::from_fn(Size::new(9, 9), |x, y| (x, y) == (4, 4));
    /// assert_eq!(dot.grown(0), dot);
    /// assert_eq!(dot.grown(1).area(), 3 * 3);
    /// assert_eq!(dot.grown(2).area(), 5 * 5 - 4, "without its corners");
    /// ```
    pub fn grown(&self, radius: u32) -> Self {
        let size = self.size();
        // A larger radius reaches every pixel anyway.
        let radius = radius.min(size.width.max(size.height));
        let mut grown = Self::new(size);
        // One empty word on either side, for the bits that neighbours hand over.
        let mut wide = vec![0; self.stride() + 2];
        let mut wider = wide.clone();
        for (y, row) in (0_u32..).zip(self.rows()) {
            if row.iter().all(|word| *word == 0) {
                continue;
            }
            wide.fill(0);
            wide.iter_mut().skip(1).zip(row).for_each(|(wide, word)| *wide = *word);
            let mut reach = 0;
            // From the disc's tips, where it is narrow, to its middle.
            for distance in (0..=radius).rev() {
                while reach < half_width(radius, distance) {
                    widen(&mut wide, &mut wider);
                    reach += 1;
                }
                for y in [y.checked_sub(distance), y.checked_add(distance)].into_iter().flatten() {
                    grown.add_row(y, wide.get(1..).unwrap_or_default());
                }
            }
        }
        grown.clear_padding();
        grown
    }

    /// The pixels whose whole disc (as in [`Mask::grown`]) is inside. Pixels outside the image count as outside the mask.
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
        let mut framed = Self::new(size);
        framed.fill(radius, radius, size.width.saturating_sub(radius), size.height.saturating_sub(radius));
        for (word, frame) in kept.words_mut().iter_mut().zip(framed.words()) {
            *word &= frame;
        }
        kept
    }

    fn add_row(&mut self, y: u32, words: &[u64]) {
        let Some(row) = self.rows_mut().nth(y as usize) else { return };
        for (mine, word) in row.iter_mut().zip(words) {
            *mine |= word;
        }
    }
}

/// How far the disc reaches to the left and to the right, `distance` rows from its middle: the most w with
/// w² + distance² < (radius + ½)².
fn half_width(radius: u32, distance: u32) -> u64 {
    let (radius, distance) = (u64::from(radius), u64::from(distance));
    (radius * (radius + 1)).saturating_sub(distance * distance).isqrt()
}

/// Adds every pixel whose left or right neighbour is inside.
fn widen(row: &mut Vec<u64>, spare: &mut Vec<u64>) {
    for (word, [before, here, after]) in spare.iter_mut().skip(1).zip(row.array_windows()) {
        *word = here | (here << 1) | (before >> 63) | (here >> 1) | (after << 63);
    }
    std::mem::swap(row, spare);
}
