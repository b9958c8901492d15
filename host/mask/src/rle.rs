//! COCO run lengths: the lengths of the alternating runs of pixels outside and inside a mask, column by column.

use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::RleError;

/// A mask as COCO tools write it. Its pixels are in column order (down the first column, then down the second), in runs
/// that are alternately outside and inside. The first run is outside and may be 0 pixels long. All runs together always
/// have width × height pixels.
///
/// With `serde`, the JSON is that of `pycocotools`: `{"size": [height, width], "counts": "…"}`. Reading also accepts a
/// list of numbers as `counts`.
///
/// ```
/// use rescue_mask::{Mask, Rle, Size};
///
/// let mask = Mask::from_fn(Size::new(3, 2), |x, _| x == 1);
/// let rle = mask.to_rle();
/// assert_eq!(rle.counts(), [2, 2, 2]);
/// assert_eq!(rle.encode_string(), "222");
/// assert_eq!(serde_json::to_string(&rle).unwrap(), r#"{"size":[2,3],"counts":"222"}"#);
/// assert_eq!(rle.to_mask(), mask);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rle {
    size: Size,
    counts: Vec<u32>,
}

impl Rle {
    /// Checks run lengths from another source. Any run may be 0 pixels long.
    ///
    /// # Errors
    ///
    /// Returns [`RleError::TooLarge`] if a side is longer than [`MAX_SIDE`], and [`RleError::Sum`] if the runs do not
    /// add up to width × height pixels.
    pub fn new(size: Size, counts: Vec<u32>) -> Result<Self, RleError> {
        check_sides(size)?;
        let found = counts.iter().fold(0, |sum: u64, count| sum.saturating_add((*count).into()));
        if found == size.pixels() { Ok(Self { size, counts }) } else { Err(RleError::Sum { size, found }) }
    }

    /// Takes run lengths that are known to be right, without checking them.
    pub(crate) fn new_unchecked(size: Size, counts: Vec<u32>) -> Self {
        Self { size, counts }
    }

    /// The size of the mask, in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The lengths of the runs in pixels, alternately outside and inside; the first run is outside.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// The number of pixels inside, computed from the run lengths alone.
    pub fn area(&self) -> u32 {
        // The sum fits into u32, since no side is longer than MAX_SIDE.
        self.counts.iter().skip(1).step_by(2).sum()
    }
}

/// Returns an error if a side is longer than [`MAX_SIDE`].
pub(crate) fn check_sides(size: Size) -> Result<(), RleError> {
    if size.width.max(size.height) <= MAX_SIDE { Ok(()) } else { Err(RleError::TooLarge { size }) }
}
