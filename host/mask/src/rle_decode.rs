//! Decodes run lengths to a bit mask.

use crate::mask::Mask;
use crate::rle::Rle;
use crate::simd;

impl Rle {
    /// The mask that these run lengths describe.
    pub fn to_mask(&self) -> Mask {
        let mut mask = Mask::new(self.size());
        if self.size().pixels() == 0 {
            return mask;
        }
        // Runs go down the columns, but words go along the rows. So this marks only the pixels that differ from the
        // pixel above, and then xors each row with the row above, word by word.
        let mut marker = Marker::new(&mut mask);
        for runs in self.counts().chunks(2) {
            let [outside, inside] = [runs.first(), runs.get(1)].map(|run| run.copied().unwrap_or_default());
            marker.advance(outside);
            let from = marker.toggle();
            marker.advance(inside);
            let to = marker.toggle();
            // The run continues at the top of each of these columns, where the pixel has none above it.
            (from + 1..=to).for_each(|x| marker.toggle_at(x, 0));
        }
        let (first, last) = (marker.first_row as usize, marker.last_row as usize);
        if first <= last {
            let stride = mask.stride();
            simd::xor_down(mask.words_mut().get_mut(first * stride..(last + 1) * stride).unwrap_or_default(), stride);
            // A run reaches the bottom of its column, so the rows below the last mark are not empty.
            if mask.row(last as u32).iter().any(|word| *word != 0) {
                simd::xor_down(mask.words_mut().get_mut(last * stride..).unwrap_or_default(), stride);
            }
        }
        mask
    }
}

/// Walks through a mask's pixels in column order and marks some of them.
struct Marker<'a> {
    width: u64,
    height: u64,
    stride: usize,
    words: &'a mut [u64],
    x: u64,
    y: u64,
    /// The first and the last row with a mark.
    first_row: u64,
    last_row: u64,
}

impl<'a> Marker<'a> {
    fn new(mask: &'a mut Mask) -> Self {
        let (width, height) = (mask.size().width.into(), mask.size().height.into());
        Self {
            width,
            height,
            stride: mask.stride(),
            words: mask.words_mut(),
            x: 0,
            y: 0,
            first_row: height,
            last_row: 0,
        }
    }

    /// Advances by this many pixels in column order.
    fn advance(&mut self, pixels: u32) {
        self.y += u64::from(pixels);
        if self.y >= self.height {
            // Avoids a division, which is slow: most runs end in their own column or in the next.
            let next = self.y - self.height;
            (self.x, self.y) = if next < self.height {
                (self.x + 1, next)
            } else {
                (self.x + self.y / self.height, self.y % self.height)
            };
        }
    }

    /// Toggles the mark of the current pixel. Returns its column.
    fn toggle(&mut self) -> u64 {
        self.toggle_at(self.x, self.y);
        self.x
    }

    /// Toggles the mark of a pixel. Positions right of the image are ignored.
    fn toggle_at(&mut self, x: u64, y: u64) {
        if x >= self.width {
            return; // The last run ends after the last pixel.
        }
        if let Some(word) = self.words.get_mut(y as usize * self.stride + x as usize / 64) {
            *word ^= 1 << (x % 64);
            self.first_row = self.first_row.min(y);
            self.last_row = self.last_row.max(y);
        }
    }
}
