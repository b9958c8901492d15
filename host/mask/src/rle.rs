//! COCO run lengths: by columns, first how many pixels are outside, then how many inside, and so on.

use rescue_core::Size;

use crate::MAX_SIDE;
use crate::error::RleError;
use crate::mask::Mask;
use crate::pack::set_range;

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
    /// Run lengths from somewhere else, which are checked. Runs of 0 pixels may stand anywhere.
    ///
    /// # Errors
    ///
    /// [`RleError::TooLarge`] where a side is longer than [`MAX_SIDE`], [`RleError::Sum`] where the runs do not make
    /// width × height pixels.
    pub fn new(size: Size, counts: Vec<u32>) -> Result<Self, RleError> {
        check_sides(size)?;
        let found = counts.iter().fold(0, |sum: u64, count| sum.saturating_add((*count).into()));
        if found == size.pixels() { Ok(Self { size, counts }) } else { Err(RleError::Sum { size, found }) }
    }

    /// The size of the mask, in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The lengths of the runs in pixels, the first of them outside.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// How many pixels are inside; the mask need not be made for that.
    pub fn area(&self) -> u32 {
        // MAX_SIDE keeps sums within u32.
        self.counts.iter().skip(1).step_by(2).sum()
    }

    /// The mask that was written down. On the way it is made by columns too, so that two masks of [`Rle::size`] are allocated.
    pub fn to_mask(&self) -> Mask {
        // Its rows are the mask's columns.
        let mut turned = Mask::new(Size::new(self.size.height, self.size.width));
        let height = self.size.height;
        let mut rows = turned.rows_mut();
        let mut row = rows.next();
        let mut y = 0;
        for (index, count) in self.counts.iter().enumerate() {
            let mut left = *count;
            while left > 0 {
                let taken = left.min(height - y);
                if let (1, Some(row)) = (index % 2, row.as_deref_mut()) {
                    set_range(row, y, y + taken);
                }
                left -= taken;
                y += taken;
                if y == height {
                    row = rows.next();
                    y = 0;
                }
            }
        }
        turned.transposed()
    }
}

impl Mask {
    /// Its run lengths as COCO tools write them. Exact as long as no side is longer than [`MAX_SIDE`].
    pub fn to_rle(&self) -> Rle {
        let size = self.size();
        let height = u64::from(size.height);
        let mut counts: Vec<u32> = Vec::new();
        let mut end = 0_u64; // Where the last run inside ended, in column order.
        let length = |pixels: u64| u32::try_from(pixels).unwrap_or(u32::MAX);
        for run in self.transposed().runs() {
            let start = u64::from(run.y) * height + u64::from(run.x_start);
            match counts.last_mut() {
                // It goes on from the foot of a column to the head of the next.
                Some(last) if start == end => *last = last.saturating_add(run.length()),
                _ => counts.extend([length(start - end), run.length()]),
            }
            end = start + u64::from(run.length());
        }
        // What is left is outside; as others do, nothing is written where nothing is left.
        if end < size.pixels() || counts.is_empty() {
            counts.push(length(size.pixels() - end));
        }
        Rle { size, counts }
    }
}

pub(crate) fn check_sides(size: Size) -> Result<(), RleError> {
    if size.width.max(size.height) <= MAX_SIDE { Ok(()) } else { Err(RleError::TooLarge { size }) }
}
