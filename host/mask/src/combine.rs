//! Combines masks of the same size.

use crate::error::MaskError;
use crate::mask::Mask;
use crate::pack::last_word_mask;

impl Mask {
    /// Adds the pixels of the other mask to this mask.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let mut mask = Mask::from_fn(Size::new(4, 1), |x, _| x == 0);
    /// mask.union_with(&Mask::from_fn(Size::new(4, 1), |x, _| x == 3))?;
    /// assert_eq!(mask, Mask::from_fn(Size::new(4, 1), |x, _| x % 3 == 0));
    /// # Ok::<(), rescue_mask::MaskError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks have different sizes.
    pub fn union_with(&mut self, other: &Self) -> Result<(), MaskError> {
        self.combine(other, |word, other| word | other)
    }

    /// Keeps only the pixels that are inside both masks.
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks have different sizes.
    pub fn intersect_with(&mut self, other: &Self) -> Result<(), MaskError> {
        self.combine(other, |word, other| word & other)
    }

    /// Removes the pixels of the other mask from this mask.
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks have different sizes.
    pub fn subtract(&mut self, other: &Self) -> Result<(), MaskError> {
        self.combine(other, |word, other| word & !other)
    }

    /// Returns the mask of the pixels that are not inside this mask.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// assert_eq!(Mask::new(Size::new(65, 2)).inverted().area(), 130);
    /// ```
    pub fn inverted(&self) -> Self {
        let mut mask = self.clone();
        for word in mask.words_mut() {
            *word = !*word;
        }
        mask.clear_padding();
        mask
    }

    /// Sets the bits after each row's last pixel to 0.
    pub(crate) fn clear_padding(&mut self) {
        let pixels = last_word_mask(self.size().width);
        for word in self.rows_mut().filter_map(|row| row.last_mut()) {
            *word &= pixels;
        }
    }

    fn combine(&mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Result<(), MaskError> {
        MaskError::check_same(self.size(), other.size())?;
        for (word, other) in self.words_mut().iter_mut().zip(other.words()) {
            *word = combine(*word, *other);
        }
        Ok(())
    }
}
