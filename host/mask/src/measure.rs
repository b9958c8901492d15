//! Measures a single mask: area, bounds, centroid.

use rescue_core::Rect;
use serde::{Deserialize, Serialize};

use crate::mask::Mask;
use crate::simd;

/// A half-open box in whole pixels; [`Mask::bounds`] returns the smallest one around a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bounds {
    /// The leftmost column of the box.
    pub x_min: u32,
    /// The topmost row of the box.
    pub y_min: u32,
    /// The column after the rightmost column of the box.
    pub x_max: u32,
    /// The row after the lowest row of the box.
    pub y_max: u32,
}

impl Bounds {
    /// The number of columns; 0 if `x_max` is less than `x_min`.
    pub fn width(self) -> u32 {
        self.x_max.saturating_sub(self.x_min)
    }

    /// The number of rows; 0 if `y_max` is less than `y_min`.
    pub fn height(self) -> u32 {
        self.y_max.saturating_sub(self.y_min)
    }
}

impl From<Bounds> for Rect {
    fn from(bounds: Bounds) -> Self {
        Self {
            x_min: bounds.x_min.into(),
            y_min: bounds.y_min.into(),
            x_max: bounds.x_max.into(),
            y_max: bounds.y_max.into(),
        }
    }
}

impl Mask {
    /// The number of pixels inside, at most `u32::MAX`. It is exact if no side is longer than
    /// [`MAX_SIDE`](crate::MAX_SIDE).
    pub fn area(&self) -> u32 {
        u32::try_from(simd::count(self.words())).unwrap_or(u32::MAX)
    }

    /// Returns whether no pixel is inside.
    pub fn is_empty(&self) -> bool {
        self.words().iter().all(|word| *word == 0)
    }

    /// The smallest box around the mask, or `None` if the mask is empty.
    ///
    /// ```
    /// use rescue_mask::{Bounds, Mask, Size};
    ///
    /// let mask = Mask::from_fn(Size::new(9, 9), |x, y| (x, y) == (2, 3) || (x, y) == (5, 4));
    /// assert_eq!(mask.bounds(), Some(Bounds { x_min: 2, y_min: 3, x_max: 6, y_max: 5 }));
    /// ```
    pub fn bounds(&self) -> Option<Bounds> {
        let mut columns = vec![0; self.stride()];
        let mut rows: Option<(u32, u32)> = None;
        for (y, row) in (0..).zip(self.rows()) {
            let mut any = 0;
            for (column, word) in columns.iter_mut().zip(row) {
                *column |= word;
                any |= word;
            }
            if any != 0 {
                rows = Some((rows.map_or(y, |(first, _)| first), y + 1));
            }
        }
        let (y_min, y_max) = rows?;
        let (first, word) = (0..).step_by(64).zip(&columns).find(|(_, word)| **word != 0)?;
        let x_min = first + word.trailing_zeros();
        let (last, word) = (0..).step_by(64).zip(&columns).filter(|(_, word)| **word != 0).last()?;
        Some(Bounds { x_min, y_min, x_max: last + 64 - word.leading_zeros(), y_max })
    }

    /// The mean (x, y) of the centres of the pixels inside, or `None` if the mask is empty. The mean may lie outside
    /// the mask.
    ///
    /// ```
    /// use rescue_mask::{Mask, Rect, Size};
    ///
    /// let rect = Rect { x_min: 2.0, y_min: 0.0, x_max: 6.0, y_max: 3.0 };
    /// assert_eq!(Mask::from_rect(Size::new(9, 9), rect).centroid(), Some((4.0, 1.5)));
    /// ```
    pub fn centroid(&self) -> Option<(f64, f64)> {
        // Twice the sum of the centres is a whole number. It fits into u64 for any mask up to MAX_SIDE, so it is exact.
        let (mut area, mut x_twice, mut y_twice) = (0_u64, 0_u64, 0_u64);
        for run in self.runs() {
            let length = u64::from(run.length());
            area += length;
            x_twice += (u64::from(run.x_start) + u64::from(run.x_end)) * length;
            y_twice += (2 * u64::from(run.y) + 1) * length;
        }
        let mean = |twice: u64| twice as f64 / (2 * area) as f64;
        (area > 0).then(|| (mean(x_twice), mean(y_twice)))
    }
}
