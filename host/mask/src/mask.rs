//! The bit mask: its memory layout, its constructors, and access to single pixels.

use std::fmt;

use rescue_core::{Rect, Size};

use crate::error::MaskError;
use crate::pack::{pack, set_range};
use crate::simd;

/// A mask says for every pixel of an image, with one bit, whether the pixel is inside.
///
/// The rows are stored from top to bottom. Each starts at a new `u64`, with its leftmost pixel in the lowest bit. The
/// bits after a row's last pixel are always 0, so two masks of the same size are equal exactly if their words are
/// equal.
///
/// ```
/// use rescue_mask::{Mask, Size};
///
/// let mask = Mask::from_fn(Size::new(3, 2), |x, y| x > y);
/// assert_eq!(mask.area(), 3);
/// assert!(mask.get(2, 1));
/// assert!(!mask.get(99, 99), "pixels outside the image are not inside the mask");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mask {
    size: Size,
    stride: usize,
    words: Vec<u64>,
}

impl Mask {
    /// Creates an empty mask. It takes one bit for each pixel; each row is rounded up to whole words of 8 bytes.
    pub fn new(size: Size) -> Self {
        let stride = size.width.div_ceil(64) as usize;
        Self { size, stride, words: vec![0; stride * size.height as usize] }
    }

    /// Creates a mask of the pixels for which `inside(x, y)` is true. The function is called once for each pixel, row
    /// by row.
    pub fn from_fn(size: Size, mut inside: impl FnMut(u32, u32) -> bool) -> Self {
        let mut mask = Self::new(size);
        for (y, row) in (0..).zip(mask.rows_mut()) {
            for (start, word) in (0..size.width).step_by(64).zip(row) {
                *word = pack(start..size.width, |x| inside(x, y));
            }
        }
        mask
    }

    /// Creates a mask from one value for each pixel, row by row. A pixel is inside if `inside` is true for its value.
    /// This is the fastest way to convert a model's output:
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let logits = [-1.5, 0.25, 3.0, f32::NAN];
    /// let mask = Mask::from_slice(Size::new(2, 2), &logits, |logit| *logit > 0.0)?;
    /// assert_eq!(mask.area(), 2);
    /// # Ok::<(), rescue_mask::MaskError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::WrongLength`] if the number of values is not width × height.
    pub fn from_slice<T>(size: Size, values: &[T], mut inside: impl FnMut(&T) -> bool) -> Result<Self, MaskError> {
        MaskError::check_length(size, 1, values.len())?;
        let mut mask = Self::new(size);
        for (row, values) in mask.rows_mut().zip(values.chunks((size.width as usize).max(1))) {
            for (word, values) in row.iter_mut().zip(values.chunks(64)) {
                *word = pack(values.iter(), &mut inside);
            }
        }
        Ok(mask)
    }

    /// Creates a mask from one byte for each pixel, row by row. A pixel is inside if its byte is at least `threshold`.
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::WrongLength`] if the number of bytes is not width × height.
    pub fn from_bytes(size: Size, bytes: &[u8], threshold: u8) -> Result<Self, MaskError> {
        MaskError::check_length(size, 1, bytes.len())?;
        let mut mask = Self::new(size);
        if !bytes.is_empty() {
            simd::at_least(bytes, threshold, size.width as usize, mask.words_mut());
        }
        Ok(mask)
    }

    /// Creates a mask of the pixels whose centres are inside the box. A centre on the left or top edge is inside; a
    /// centre on the right or bottom edge is not.
    pub fn from_rect(size: Size, rect: Rect) -> Self {
        let mut mask = Self::new(size);
        if let Some(rect) = rect.clip(size) {
            // The first pixel whose centre is not before the edge.
            let pixel = |edge: f64| (edge - 0.5).ceil() as u32;
            mask.fill(pixel(rect.x_min), pixel(rect.y_min), pixel(rect.x_max), pixel(rect.y_max));
        }
        mask
    }

    /// The size of the image, in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Returns whether the pixel is inside the mask. It is `false` for pixels outside the image.
    pub fn get(&self, x: u32, y: u32) -> bool {
        let word = if x < self.size.width { self.row(y).get(x as usize / 64) } else { None };
        word.is_some_and(|word| word >> (x % 64) & 1 == 1)
    }

    /// Adds the pixel to the mask, or removes it if `inside` is false. Pixels outside the image are ignored.
    pub fn set(&mut self, x: u32, y: u32, inside: bool) {
        if x >= self.size.width {
            return;
        }
        if let Some(word) = self.rows_mut().nth(y as usize).and_then(|row| row.get_mut(x as usize / 64)) {
            let bit = 1 << (x % 64);
            *word = if inside { *word | bit } else { *word & !bit };
        }
    }

    /// Adds the pixels of a half-open box to the mask.
    pub(crate) fn fill(&mut self, x_min: u32, y_min: u32, x_max: u32, y_max: u32) {
        let x_max = x_max.min(self.size.width);
        for row in self.rows_mut().take(y_max as usize).skip(y_min as usize) {
            set_range(row, x_min, x_max);
        }
    }

    /// The words of one row. The slice is empty for a row below the image.
    pub(crate) fn row(&self, y: u32) -> &[u64] {
        self.rows().nth(y as usize).unwrap_or_default()
    }

    /// The words of each row, from top to bottom.
    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, u64> {
        // An image without columns has no words, so the result has no rows.
        self.words.chunks_exact(self.stride.max(1))
    }

    /// The words of each row, from top to bottom. The caller must keep the bits after a row's last pixel 0.
    pub(crate) fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, u64> {
        self.words.chunks_exact_mut(self.stride.max(1))
    }

    /// The number of words in a row.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// All words, row by row.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// All words, row by row. The caller must keep the bits after a row's last pixel 0.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }
}

impl fmt::Debug for Mask {
    /// Writes the size and the area, since the bits would fill pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({}, {} inside)", self.size, self.area())
    }
}
