//! Decodes run lengths to bits.

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
        // Runs go down columns, words along rows. So only the pixels that differ from the one above are marked; then each row is xored with
        // the row above, word by word.
        let mut marks = Marks::new(&mut mask);
        for runs in self.counts().chunks(2) {
            let [outside, inside] = [runs.first(), runs.get(1)].map(|run| run.copied().unwrap_or_default());
            marks.skip(outside);
            let from = marks.flip();
            marks.skip(inside);
            let to = marks.flip();
            // It goes on at the head of each of these columns.
            (from + 1..=to).for_each(|x| marks.flip_at(x, 0));
        }
        let (first, last) = (marks.first as usize, marks.last as usize);
        if first <= last {
            let stride = mask.stride();
            simd::xor_down(mask.words_mut().get_mut(first * stride..(last + 1) * stride).unwrap_or_default(), stride);
            // The run reaches the bottom of this column.
            if mask.row(last as u32).iter().any(|word| *word != 0) {
                simd::xor_down(mask.words_mut().get_mut(last * stride..).unwrap_or_default(), stride);
            }
        }
        mask
    }
}

/// Walks through a mask's pixels in column order and marks some of them.
struct Marks<'a> {
    width: u64,
    height: u64,
    stride: usize,
    words: &'a mut [u64],
    x: u64,
    y: u64,
    /// The rows with marks.
    first: u64,
    last: u64,
}

impl<'a> Marks<'a> {
    fn new(mask: &'a mut Mask) -> Self {
        let (width, height) = (mask.size().width.into(), mask.size().height.into());
        Self { width, height, stride: mask.stride(), words: mask.words_mut(), x: 0, y: 0, first: height, last: 0 }
    }

    /// Advances by this many pixels.
    fn skip(&mut self, pixels: u32) {
        self.y += u64::from(pixels);
        if self.y >= self.height {
            // Divisions are slow, and most runs end in their column or in the next.
            let next = self.y - self.height;
            (self.x, self.y) = if next < self.height {
                (self.x + 1, next)
            } else {
                (self.x + self.y / self.height, self.y % self.height)
            };
        }
    }

    /// Toggles the mark of the current pixel. Returns its column.
    fn flip(&mut self) -> u64 {
        self.flip_at(self.x, self.y);
        self.x
    }

    fn flip_at(&mut self, x: u64, y: u64) {
        if x >= self.width {
            return; // The last run ends behind the last pixel.
        }
        if let Some(word) = self.words.get_mut(y as usize * self.stride + x as usize / 64) {
            *word ^= 1 << (x % 64);
            self.first = self.first.min(y);
            self.last = self.last.max(y);
        }
    }
}
