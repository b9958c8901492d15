//! COCO run lengths: by columns, first how many pixels are outside, then how many inside, and so on.

use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::RleError;

/// A mask as COCO tools write it: runs of pixels in column order (down the first column, then down the second), alternately
/// outside and inside, the first of them outside (perhaps 0 pixels long). The runs always make width × height pixels.
///
/// With `serde` it is what `pycocotools` takes and gives: `{"size": [height, width], "counts": "…"}`; a list of numbers is read
/// as `counts` too.
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
    /// Checks run lengths from another source. Runs of 0 pixels may stand anywhere.
    ///
    /// # Errors
    ///
    /// Returns [`RleError::TooLarge`] if a side is longer than [`MAX_SIDE`], [`RleError::Sum`] if the runs do not make
    /// width × height pixels.
    pub fn new(size: Size, counts: Vec<u32>) -> Result<Self, RleError> {
        check_sides(size)?;
        let found = counts.iter().fold(0, |sum: u64, count| sum.saturating_add((*count).into()));
        if found == size.pixels() { Ok(Self { size, counts }) } else { Err(RleError::Sum { size, found }) }
    }

    /// Run lengths that are known to be right.
    pub(crate) fn of(size: Size, counts: Vec<u32>) -> Self {
        Self { size, counts }
    }

    /// The size of the mask, in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The lengths of the runs in pixels, the first of them outside.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// The number of pixels inside. No mask is made for that.
    pub fn area(&self) -> u32 {
        // MAX_SIDE keeps sums within u32.
        self.counts.iter().skip(1).step_by(2).sum()
    }
}

pub(crate) fn check_sides(size: Size) -> Result<(), RleError> {
    if size.width.max(size.height) <= MAX_SIDE { Ok(()) } else { Err(RleError::TooLarge { size }) }
}
