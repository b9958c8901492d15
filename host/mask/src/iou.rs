//! How much masks have in common.

use std::borrow::Borrow;

use crate::error::MaskError;
use crate::mask::Mask;
use crate::measure::Bounds;

impl Mask {
    /// How many pixels are inside both masks.
    ///
    /// # Errors
    ///
    /// [`MaskError::SizesDiffer`] where the masks are of images of different sizes.
    pub fn shared_area(&self, other: &Self) -> Result<u32, MaskError> {
        MaskError::check_same(self.size(), other.size())?;
        Ok(shared(self.words(), other.words()))
    }

    /// Intersection over union, 0 to 1: the pixels inside both masks divided by those inside either. 0 for two empty masks.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let size = Size::new(4, 1);
    /// let (left, right) = (Mask::from_fn(size, |x, _| x < 3), Mask::from_fn(size, |x, _| x > 0));
    /// assert_eq!(left.iou(&right)?, 0.5);
    /// assert_eq!(Mask::new(size).iou(&Mask::new(size))?, 0.0);
    /// # Ok::<(), rescue_mask::MaskError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`MaskError::SizesDiffer`] where the masks are of images of different sizes.
    pub fn iou(&self, other: &Self) -> Result<f64, MaskError> {
        Ok(ratio(self.shared_area(other)?, self.area(), other.area()))
    }
}

/// The intersection over union of every two masks: n × n values by rows, symmetric, 1 on the diagonal for masks with anything
/// inside. Masks are measured once and compared only where their bounds meet. They may be borrowed or
/// shared: a slice of `Mask`, `&Mask` or `Arc<Mask>` will do.
///
/// ```
/// use rescue_mask::{Mask, Size, iou_matrix};
///
/// let size = Size::new(4, 1);
/// let masks = [Mask::from_fn(size, |x, _| x < 3), Mask::from_fn(size, |x, _| x > 0), Mask::new(size)];
/// assert_eq!(iou_matrix(&masks)?, [1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), rescue_mask::MaskError>(())
/// ```
///
/// # Errors
///
/// [`MaskError::SizesDiffer`] where the masks are not all of the same size.
pub fn iou_matrix<M: Borrow<Mask>>(masks: &[M]) -> Result<Vec<f64>, MaskError> {
    let Some(size) = masks.first().map(|mask| mask.borrow().size()) else { return Ok(Vec::new()) };
    masks.iter().try_for_each(|mask| MaskError::check_same(size, mask.borrow().size()))?;
    let measured: Vec<Measured> = masks.iter().map(|mask| Measured::new(mask.borrow())).collect();
    let mut matrix = vec![0.0; masks.len() * masks.len()];
    for (i, left) in measured.iter().enumerate() {
        for (j, right) in measured.iter().enumerate().take(i + 1) {
            let iou = left.iou(right);
            for at in [i * masks.len() + j, j * masks.len() + i] {
                if let Some(cell) = matrix.get_mut(at) {
                    *cell = iou;
                }
            }
        }
    }
    Ok(matrix)
}

/// A mask with what every comparison needs to know of it.
struct Measured<'a> {
    mask: &'a Mask,
    area: u32,
    bounds: Option<Bounds>,
}

impl<'a> Measured<'a> {
    fn new(mask: &'a Mask) -> Self {
        Self { mask, area: mask.area(), bounds: mask.bounds() }
    }

    fn iou(&self, other: &Self) -> f64 {
        let (Some(mine), Some(theirs)) = (self.bounds, other.bounds) else { return 0.0 };
        let x_max = mine.x_max.min(theirs.x_max);
        if mine.x_min.max(theirs.x_min) >= x_max {
            return 0.0;
        }
        // Whole rows: they follow each other in memory, so that one long loop compares them.
        let (start, end) = (mine.y_min.max(theirs.y_min) as usize, mine.y_max.min(theirs.y_max) as usize);
        let stride = self.mask.stride();
        let rows = start * stride..end * stride;
        match (self.mask.words().get(rows.clone()), other.mask.words().get(rows)) {
            (Some(left), Some(right)) => ratio(shared(left, right), self.area, other.area),
            _ => 0.0, // The one ends above where the other starts.
        }
    }
}

fn shared(left: &[u64], right: &[u64]) -> u32 {
    let shared: u64 = left.iter().zip(right).map(|(left, right)| u64::from((left & right).count_ones())).sum();
    u32::try_from(shared).unwrap_or(u32::MAX)
}

fn ratio(shared: u32, left: u32, right: u32) -> f64 {
    let union = u64::from(left) + u64::from(right) - u64::from(shared);
    if union == 0 { 0.0 } else { f64::from(shared) / union as f64 }
}
