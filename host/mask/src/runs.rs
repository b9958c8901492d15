//! Iterates over the horizontal runs of a mask.

use crate::mask::Mask;

/// A maximal run of pixels inside, within one row.
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
    /// The number of pixels, at least 1.
    pub fn length(self) -> u32 {
        self.x_end.saturating_sub(self.x_start)
    }
}

/// The runs of one row, from the left; see [`Mask::row_runs`].
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    y: u32,
    width: u32,
    /// The words that are still to be read, and the column at which they start.
    row: &'a [u64],
    x: u32,
    /// Of the 64 pixels before them: those that differ from the pixel on their left and have not been returned yet.
    changes: u64,
    /// 1 if the last of those pixels is inside, else 0.
    inside: u64,
}

impl Runs<'_> {
    /// The next pixel that differs from the one on its left.
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
    /// The runs of each row: from the top. An empty row has none.
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

    /// All runs in reading order: by rows, and from the left within a row.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        self.row_runs().flatten()
    }
}
