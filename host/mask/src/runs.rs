//! Iterates over the horizontal runs of a mask.

use crate::mask::Mask;

/// A maximal run of pixels inside the mask, within one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The row of the run.
    pub y: u32,
    /// The first column of the run.
    pub x_start: u32,
    /// The column after the last column of the run.
    pub x_end: u32,
}

impl Run {
    /// The number of pixels, at least 1.
    pub fn length(self) -> u32 {
        self.x_end.saturating_sub(self.x_start)
    }
}

/// An iterator over the runs of one row, from left to right. [`Mask::row_runs`] creates it.
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    y: u32,
    width: u32,
    /// The words that have not been read yet, and the column at which they start.
    row: &'a [u64],
    x: u32,
    /// The bits of the last word that was read whose pixels differ from the pixel on their left and have not been
    /// returned yet.
    changes: u64,
    /// 1 if the last pixel of that word is inside, else 0.
    inside: u64,
}

impl Runs<'_> {
    /// The column of the next pixel that differs from the pixel on its left, or `None` at the end of the row.
    #[inline]
    fn next_change(&mut self) -> Option<u32> {
        while self.changes == 0 {
            let (word, row) = self.row.split_first()?;
            self.changes = word ^ (word << 1 | self.inside);
            self.inside = word >> 63;
            self.row = row;
            self.x += 64;
        }
        let change = self.changes.trailing_zeros();
        self.changes &= self.changes - 1;
        Some(self.x - 64 + change)
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    #[inline]
    fn next(&mut self) -> Option<Run> {
        let x_start = self.next_change()?;
        let x_end = self.next_change().unwrap_or(self.width);
        Some(Run { y: self.y, x_start, x_end })
    }
}

impl Mask {
    /// The runs of each row, from top to bottom. An empty row yields an iterator without runs.
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
        (0..).zip(self.rows()).map(move |(y, row)| Runs { y, width, row, x: 0, changes: 0, inside: 0 })
    }

    /// All runs in reading order: row by row, and from left to right within a row.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        self.row_runs().flatten()
    }
}
