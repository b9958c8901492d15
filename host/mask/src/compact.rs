//! Keeps a mask in little memory.

use std::borrow::{Borrow, Cow};
use std::fmt;

use rescue_core::Size;

use crate::error::MaskError;
use crate::iou::ratio;
use crate::mask::Mask;
use crate::measure::Bounds;
use crate::pack::set_range;
use crate::rle::{Rle, check_sides};

/// Run lengths are kept if bits would take at least this many times as much memory. Then they are also compared about as fast as bits.
const SAVING: usize = 4;

/// A mask that takes little memory, with its area and bounds. It holds run lengths, a few kilobytes for an object whose bits take a
/// hundred; or bits if run lengths would save little, as for noise. Turn it into a [`Mask`] to work on its pixels.
///
/// ```
/// use rescue_mask::{CompactMask, Mask, Size};
///
/// let mask = Mask::from_fn(Size::new(640, 480), |x, y| x.abs_diff(320).pow(2) + y.abs_diff(240).pow(2) < 10_000);
/// let compact = CompactMask::new(mask.clone());
/// assert_eq!((compact.area(), compact.bounds()), (mask.area(), mask.bounds()));
/// assert_eq!(compact.to_mask(), mask);
/// assert_eq!(compact.iou(&compact)?, 1.0);
/// # Ok::<(), rescue_mask::MaskError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CompactMask {
    form: Form,
    area: u32,
    bounds: Option<Bounds>,
}

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// As [`Mask::to_rle`] makes them; no side is longer than [`MAX_SIDE`](crate::MAX_SIDE).
    Runs(Rle),
    Bits(Mask),
}

impl CompactMask {
    /// Measures a mask and turns it into run lengths, if these take much less memory.
    pub fn new(mask: Mask) -> Self {
        let (area, bounds) = (mask.area(), mask.bounds());
        let rle = check_sides(mask.size()).is_ok().then(|| mask.to_rle());
        let form = match rle.filter(|rle| size_of_val(rle.counts()) * SAVING <= size_of_val(mask.words())) {
            Some(rle) => Form::Runs(rle),
            None => Form::Bits(mask),
        };
        Self { form, area, bounds }
    }

    /// The size of the image, in pixels.
    pub fn size(&self) -> Size {
        match &self.form {
            Form::Runs(rle) => rle.size(),
            Form::Bits(mask) => mask.size(),
        }
    }

    /// The [area](Mask::area) of the mask, in pixels.
    pub fn area(&self) -> u32 {
        self.area
    }

    /// The smallest box around the mask, or `None` if the mask is empty.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// The mask as bits.
    pub fn to_mask(&self) -> Mask {
        match &self.form {
            Form::Runs(rle) => rle.to_mask(),
            Form::Bits(mask) => mask.clone(),
        }
    }

    /// The run lengths of the mask, as [`Mask::to_rle`] makes them.
    pub fn to_rle(&self) -> Cow<'_, Rle> {
        match &self.form {
            Form::Runs(rle) => Cow::Borrowed(rle),
            Form::Bits(mask) => Cow::Owned(mask.to_rle()),
        }
    }

    /// The part of the mask in a box, as bits. The part of the box outside the image is cut off; the first pixel of the result is the top
    /// left pixel of the box.
    ///
    /// ```
    /// use rescue_mask::{Bounds, CompactMask, Mask, Size};
    ///
    /// let mask = CompactMask::new(Mask::from_fn(Size::new(9, 9), |x, y| x == y));
    /// let part = mask.part(Bounds { x_min: 4, y_min: 3, x_max: 6, y_max: 99 });
    /// assert_eq!(part, Mask::from_fn(Size::new(2, 6), |x, y| x + 1 == y));
    /// ```
    pub fn part(&self, area: Bounds) -> Mask {
        let size = self.size();
        let area = Bounds { x_max: area.x_max.min(size.width), y_max: area.y_max.min(size.height), ..area };
        let part_size = Size::new(area.width(), area.height());
        if part_size.pixels() == 0 || !self.reaches(area) {
            return Mask::new(part_size);
        }
        match &self.form {
            _ if part_size == size => self.to_mask(),
            Form::Runs(rle) => part_of_runs(rle, area).to_mask(),
            Form::Bits(mask) => {
                let mut part = Mask::new(part_size);
                for (row, runs) in part.rows_mut().zip(mask.row_runs().skip(area.y_min as usize)) {
                    for run in runs {
                        let column = |x: u32| x.clamp(area.x_min, area.x_max) - area.x_min;
                        set_range(row, column(run.x_start), column(run.x_end));
                    }
                }
                part
            }
        }
    }

    /// The intersection over union, exactly as [`Mask::iou`] computes it. Run lengths are compared as they are, without bits.
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks have different sizes.
    pub fn iou(&self, other: &Self) -> Result<f64, MaskError> {
        MaskError::check_same(self.size(), other.size())?;
        let shared = match (&self.form, &other.form) {
            _ if !other.bounds.is_some_and(|bounds| self.reaches(bounds)) => 0,
            (Form::Runs(one), Form::Runs(other)) => shared_area(one, other),
            (Form::Bits(one), Form::Bits(other)) => one.shared_area(other)?,
            (Form::Bits(bits), Form::Runs(runs)) | (Form::Runs(runs), Form::Bits(bits)) => {
                bits.shared_area(&runs.to_mask())?
            }
        };
        Ok(ratio(shared.into(), self.area.into(), other.area.into()))
    }

    /// The intersection over union of each pair of masks, exactly as [`iou_matrix`](crate::iou_matrix) computes it.
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks are not all of the same size.
    pub fn iou_matrix<M: Borrow<Self>>(masks: &[M]) -> Result<Vec<f64>, MaskError> {
        let mut ious: Vec<f64> = Vec::with_capacity(masks.len() * masks.len());
        for (row, mask) in masks.iter().enumerate() {
            for (column, other) in masks.iter().enumerate() {
                // Below the diagonal, the value is that of the mirrored pair.
                let mirrored = if column < row { ious.get(column * masks.len() + row).copied() } else { None };
                ious.push(mirrored.map_or_else(|| mask.borrow().iou(other.borrow()), Ok)?);
            }
        }
        Ok(ious)
    }

    /// Whether the bounds of the mask and a box overlap.
    fn reaches(&self, area: Bounds) -> bool {
        self.bounds.is_some_and(|own| {
            own.x_min < area.x_max && area.x_min < own.x_max && own.y_min < area.y_max && area.y_min < own.y_max
        })
    }
}

impl fmt::Debug for CompactMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CompactMask({}, {} inside)", self.size(), self.area)
    }
}

/// The run lengths of a part of a mask, some of them 0. `area` is inside the image.
fn part_of_runs(rle: &Rle, area: Bounds) -> Rle {
    let (height, rows) = (rle.size().height, area.height());
    let size = Size::new(area.width(), rows);
    // How many pixels of the part come before a pixel of the mask, in column order. All numbers of pixels fit into u32.
    let before = |pixel: u32| match (pixel / height, pixel % height) {
        (x, _) if x < area.x_min => 0,
        (x, _) if x >= area.x_max => size.width * rows,
        (x, y) => (x - area.x_min) * rows + y.saturating_sub(area.y_min).min(rows),
    };
    let (mut end, mut counted) = (0, 0);
    let counts = rle.counts().iter().map(|count| {
        end += count;
        let start = std::mem::replace(&mut counted, before(end));
        counted - start
    });
    Rle::new_unchecked(size, counts.collect())
}

/// The number of pixels inside both masks, which have the same size.
fn shared_area(one: &Rle, other: &Rle) -> u32 {
    let (mut ones, mut others) = (inside(one), inside(other));
    let (mut one, mut other) = (ones.next(), others.next());
    let mut shared = 0;
    while let (Some((start, end)), Some((other_start, other_end))) = (one, other) {
        shared += end.min(other_end).saturating_sub(start.max(other_start));
        if end < other_end {
            one = ones.next();
        } else {
            other = others.next();
        }
    }
    shared
}

/// Where each run inside the mask starts and ends, in pixels in column order.
fn inside(rle: &Rle) -> impl Iterator<Item = (u32, u32)> {
    let mut end = 0;
    rle.counts().as_chunks::<2>().0.iter().map(move |[outside, inside]| {
        let start = end + outside;
        end = start + inside;
        (start, end)
    })
}
