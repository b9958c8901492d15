//! Connected parts of a mask.

use crate::mask::Mask;
use crate::pack::set_range;
use crate::runs::Run;

impl Mask {
    /// The number of connected parts; pixels that touch at a corner are connected. Time grows with the size of the image,
    /// memory with the number of runs.
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
        Parts::new(self, Neighbours::Eight).count()
    }

    /// The largest connected part; of several equally large ones, the first in reading order. Empty if the mask is empty.
    pub fn largest_component(&self) -> Self {
        let mut parts = Parts::new(self, Neighbours::Eight);
        let roots = parts.roots();
        let mut areas = vec![0_u32; roots.len()];
        for (run, root) in parts.runs.iter().zip(&roots) {
            if let Some(area) = areas.get_mut(*root as usize) {
                *area += run.length();
            }
        }
        // `max_by_key` answers with the last of equals; seen from the end, that is the first.
        let largest = areas.iter().enumerate().rev().max_by_key(|(_, area)| **area).map(|(root, _)| root as u32);
        self.with_runs(parts.runs.iter().zip(&roots).filter(|(_, root)| Some(**root) == largest).map(|(run, _)| *run))
    }

    /// The mask with its holes filled. A hole is a region outside the mask from which no path of steps left, right, up or down leads to the
    /// edge of the image.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let ring = Mask::from_fn(Size::new(5, 5), |x, y| (x, y) != (2, 2) && x > 0);
    /// assert_eq!(ring.filled(), Mask::from_fn(Size::new(5, 5), |x, _| x > 0));
    /// ```
    pub fn filled(&self) -> Self {
        let outside = self.inverted();
        let mut parts = Parts::new(&outside, Neighbours::Four);
        let roots = parts.roots();
        let size = self.size();
        let mut open = vec![false; roots.len()];
        for (run, root) in parts.runs.iter().zip(&roots) {
            let at_edge = run.x_start == 0 || run.y == 0 || run.x_end == size.width || run.y + 1 == size.height;
            if let Some(open) = open.get_mut(*root as usize).filter(|_| at_edge) {
                *open = true;
            }
        }
        let holes = parts.runs.iter().zip(&roots).filter(|(_, root)| open.get(**root as usize) == Some(&false));
        let mut filled = self.with_runs(holes.map(|(run, _)| *run));
        for (word, mine) in filled.words_mut().iter_mut().zip(self.words()) {
            *word |= mine;
        }
        filled
    }

    /// A mask of the same size with these runs, which come by rows.
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
    /// Those that share a side.
    Four,
    /// Those that share a side or a corner.
    Eight,
}

/// The runs of a mask, and a forest over them with a tree for each connected part: a run's parent comes before it in reading
/// order or is the run itself.
struct Parts {
    runs: Vec<Run>,
    parents: Vec<u32>,
}

impl Parts {
    fn new(mask: &Mask, neighbours: Neighbours) -> Self {
        let mut parts = Self { runs: Vec::new(), parents: Vec::new() };
        let mut above = 0..0;
        for row in mask.row_runs() {
            let start = parts.runs.len();
            parts.runs.extend(row);
            let here = start..parts.runs.len();
            parts.parents.extend((here.start as u32)..(here.end as u32));
            parts.join_rows(above, here.clone(), neighbours);
            above = here;
        }
        parts
    }

    /// Joins the runs of a row with those of the row above that they touch; both come from the left, so that one pass does it.
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

    /// The first run of the part that a run belongs to. Every run on the way is hung higher, so that ways stay short.
    fn root(&mut self, mut run: u32) -> u32 {
        loop {
            let parent = self.parent(run);
            if parent == run {
                return run;
            }
            let higher = self.parent(parent);
            if let Some(slot) = self.parents.get_mut(run as usize) {
                *slot = higher;
            }
            run = higher;
        }
    }

    fn parent(&self, run: u32) -> u32 {
        self.parents.get(run as usize).copied().unwrap_or(run)
    }

    /// Of each run, the first run of its part.
    fn roots(&mut self) -> Vec<u32> {
        (0..self.parents.len() as u32).map(|run| self.root(run)).collect()
    }

    fn count(&self) -> u32 {
        (0..).zip(&self.parents).filter(|(run, parent)| run == *parent).count() as u32
    }
}
