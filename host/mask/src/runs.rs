//! Runs of neighbouring pixels inside, row by row.

use crate::mask::Mask;
use crate::pack::next_bit;

/// Neighbouring pixels of a row that are all inside, as many as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The row.
    pub y: u32,
    /// The first column.
    pub x_start: u32,
    /// One after the last column.
    pub x_end: u32,
}

impl Run {
    /// How many pixels it has, at least 1.
    pub fn length(self) -> u32 {
        self.x_end.saturating_sub(self.x_start)
    }
}

/// The runs of one row, from the left; see [`Mask::row_runs`].
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    row: &'a [u64],
    width: u32,
    y: u32,
    x: u32,
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let x_start = next_bit(self.row, self.x, 0)?;
        let x_end = next_bit(self.row, x_start, u64::MAX).unwrap_or(self.width);
        self.x = x_end;
        Some(Run { y: self.y, x_start, x_end })
    }
}

impl Mask {
    /// The runs of each row: first those of the top row, then those of the next; rows with nothing inside have none.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let mask = Mask::from_fn(Size::new(5, 2), |x, y| x != 2 && y == 1);
    /// let rows: Vec<Vec<_>> = mask.row_runs().map(|runs| runs.map(|run| (run.x_start, run.x_end)).collect()).collect();
    /// assert_eq!(rows, [vec![], vec![(0, 2), (3, 5)]]);
    /// ```
    pub fn row_runs(&self) -> impl Iterator<Item = Runs<'_>> {
        let width = self.size().width;
        (0..).zip(self.rows()).map(move |(y, row)| Runs { row, width, y, x: 0 })
    }

    /// All runs in reading order: by rows, and from the left within a row.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        self.row_runs().flatten()
    }
}
