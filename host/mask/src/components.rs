//! Finds the connected components of a mask, and its holes.

use crate::mask::Mask;
use crate::pack::set_range;
use crate::runs::Run;

impl Mask {
    /// The number of connected components. Pixels that touch at a side or a corner are connected. Time grows with the
    /// size of the image, memory with the number of runs.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let checkerboard = Mask::from_fn(Size::new(8, 8), |x, y| (x + y) % 2 == 0);
    /// assert_eq!(checkerboard.components(), 1);
    /// let dots = Mask::from_fn(Size::new(8, 8), |x, y| x % 2 == 0 && y % 2 == 0);
    /// assert_eq!(dots.components(), 16);
    /// ```
    pub fn components(&self) -> u32 {
        Components::new(self, Neighbours::Eight).count()
    }

    /// The largest connected component. Of several equally large ones it is the first in reading order. It is empty if
    /// the mask is empty.
    pub fn largest_component(&self) -> Self {
        let mut components = Components::new(self, Neighbours::Eight);
        let roots = components.roots();
        let mut areas = vec![0_u32; roots.len()];
        for (run, root) in components.runs.iter().zip(&roots) {
            if let Some(area) = areas.get_mut(*root as usize) {
                *area += run.length();
            }
        }
        // `max_by_key` returns the last of several maxima. Over the reversed list, that is the first.
        let largest = areas.iter().enumerate().rev().max_by_key(|(_, area)| **area).map(|(root, _)| root as u32);
        self.with_runs(
            components.runs.iter().zip(&roots).filter(|(_, root)| Some(**root) == largest).map(|(run, _)| *run),
        )
    }

    /// The mask with its holes filled. A hole is a region outside the mask that is not connected to the edge of the
    /// image by steps left, right, up or down.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let ring = Mask::from_fn(Size::new(5, 5), |x, y| (x, y) != (2, 2) && x > 0);
    /// assert_eq!(ring.filled(), Mask::from_fn(Size::new(5, 5), |x, _| x > 0));
    /// ```
    pub fn filled(&self) -> Self {
        let outside = self.inverted();
        let mut components = Components::new(&outside, Neighbours::Four);
        let roots = components.roots();
        let size = self.size();
        let mut open = vec![false; roots.len()];
        for (run, root) in components.runs.iter().zip(&roots) {
            let at_edge = run.x_start == 0 || run.y == 0 || run.x_end == size.width || run.y + 1 == size.height;
            if let Some(open) = open.get_mut(*root as usize).filter(|_| at_edge) {
                *open = true;
            }
        }
        let holes = components.runs.iter().zip(&roots).filter(|(_, root)| open.get(**root as usize) == Some(&false));
        let mut filled = self.with_runs(holes.map(|(run, _)| *run));
        for (word, own) in filled.words_mut().iter_mut().zip(self.words()) {
            *word |= own;
        }
        filled
    }

    /// Returns a mask of the same size with these runs, which must be in reading order.
    fn with_runs(&self, runs: impl Iterator<Item = Run>) -> Self {
        let mut mask = Self::new(self.size());
        let mut runs = runs.peekable();
        for (y, row) in (0..).zip(mask.rows_mut()) {
            while let Some(run) = runs.next_if(|run| run.y == y) {
                set_range(row, run.x_start, run.x_end);
            }
        }
        mask
    }
}

/// Which neighbours of a pixel count as connected to it.
#[derive(Clone, Copy)]
enum Neighbours {
    /// The pixels that share a side with it.
    Four,
    /// The pixels that share a side or a corner with it.
    Eight,
}

/// The runs of a mask in a union-find forest with one tree for each connected component. The parent of a run comes
/// before it in reading order; the root of a tree is its own parent.
struct Components {
    runs: Vec<Run>,
    parents: Vec<u32>,
}

impl Components {
    fn new(mask: &Mask, neighbours: Neighbours) -> Self {
        let mut components = Self { runs: Vec::new(), parents: Vec::new() };
        let mut above = 0..0;
        for row in mask.row_runs() {
            let start = components.runs.len();
            components.runs.extend(row);
            let here = start..components.runs.len();
            components.parents.extend((here.start as u32)..(here.end as u32));
            components.join_rows(above, here.clone(), neighbours);
            above = here;
        }
        components
    }

    /// Joins each run of a row with the runs of the row above that it touches. Both rows are sorted from the left, so
    /// one pass is enough.
    fn join_rows(&mut self, above: std::ops::Range<usize>, here: std::ops::Range<usize>, neighbours: Neighbours) {
        let reach = match neighbours {
            Neighbours::Four => 0,
            Neighbours::Eight => 1,
        };
        let (mut i, mut j) = (above.start, here.start);
        while i < above.end && j < here.end {
            let (Some(upper), Some(lower)) = (self.runs.get(i), self.runs.get(j)) else { return };
            let (upper_end, lower_end) = (upper.x_end, lower.x_end);
            if upper.x_start < lower_end + reach && lower.x_start < upper_end + reach {
                self.join(i as u32, j as u32);
            }
            if upper_end < lower_end {
                i += 1;
            } else {
                j += 1;
            }
        }
    }

    fn join(&mut self, i: u32, j: u32) {
        let (i, j) = (self.root(i), self.root(j));
        if let Some(parent) = self.parents.get_mut(i.max(j) as usize) {
            *parent = i.min(j);
        }
    }

    /// The root of the tree of a run: the first run of its component. Path halving keeps the paths short.
    fn root(&mut self, mut run: u32) -> u32 {
        loop {
            let parent = self.parent(run);
            if parent == run {
                return run;
            }
            let grandparent = self.parent(parent);
            if let Some(slot) = self.parents.get_mut(run as usize) {
                *slot = grandparent;
            }
            run = grandparent;
        }
    }

    fn parent(&self, run: u32) -> u32 {
        self.parents.get(run as usize).copied().unwrap_or(run)
    }

    /// The root of each run.
    fn roots(&mut self) -> Vec<u32> {
        (0..self.parents.len() as u32).map(|run| self.root(run)).collect()
    }

    fn count(&self) -> u32 {
        (0..).zip(&self.parents).filter(|(run, parent)| run == *parent).count() as u32
    }
}
