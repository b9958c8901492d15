//! The polygons of COCO's `segmentation` lists.
//!
//! The algorithm is that of `rleFrPoly` in `maskApi.c` of pycocotools: vertices are rounded to fifths of a pixel, each edge
//! is a dense chain of such points, and where the chain passes the middle of a column, the pixels change from outside to
//! inside or back. Pixels are numbered in column order, as in [`Rle`].

use rescue_mask::{Mask, Rle, Size};

use super::{PolygonError, Work, edges};

/// The largest distance of a coordinate from 0, in pixels.
pub(super) const MAX_COORDINATE: f64 = 1e6;

/// The points per pixel of an edge.
const SCALE: i64 = 5;

/// The union of polygons, each a list of x and y in turn, in pixels. Equal to pycocotools'
/// `decode(merge(frPyObjects(polygons, height, width)))` as compiled for x86-64.
///
/// Vertices may be outside the picture, and what is covered there is left out. An empty list gives an empty mask.
///
/// # Errors
///
/// Returns an error if a polygon has an odd number of coordinates, fewer than 6, or one that is not finite or further
/// than 10⁶ pixels from 0; if a side of the picture is longer than [`MAX_SIDE`](rescue_mask::MAX_SIDE); or if the outline
/// within the picture is absurdly long.
pub(crate) fn coco(size: Size, polygons: &[Vec<f64>]) -> Result<Mask, PolygonError> {
    let mut work = Work::new(size)?;
    let mut runs = Vec::new();
    for (polygon, numbers) in polygons.iter().enumerate() {
        let points = points(polygon, numbers)?;
        edges(&points).try_for_each(|(a, b)| {
            work.add((a.0.div_euclid(SCALE), a.1.div_euclid(SCALE)), (b.0.div_euclid(SCALE), b.1.div_euclid(SCALE)))
        })?;
        runs.extend(inside(size, &points));
    }
    runs.sort_unstable();
    let rle = Rle::new(size, counts(size, &runs)).map_err(|_| PolygonError::Size { size })?;
    Ok(rle.to_mask())
}

/// The vertices (x, y) in fifths of a pixel. They are rounded half up, but towards 0 if negative, as C's cast does.
fn points(polygon: usize, numbers: &[f64]) -> Result<Vec<(i64, i64)>, PolygonError> {
    let found = numbers.len();
    if !found.is_multiple_of(2) {
        return Err(PolygonError::Odd { polygon, found });
    }
    if found < 6 {
        return Err(PolygonError::TooFew { polygon, found });
    }
    if let Some(value) = numbers.iter().copied().find(|value| value.is_nan() || value.abs() > MAX_COORDINATE) {
        return Err(PolygonError::Coordinate { polygon, value });
    }
    let round = |value: f64| (SCALE as f64 * value + 0.5) as i64;
    let (pairs, _) = numbers.as_chunks::<2>();
    Ok(pairs.iter().map(|[x, y]| (round(*x), round(*y))).collect())
}

/// The runs of pixels inside one polygon, as the first pixel and the one after the last.
fn inside(size: Size, points: &[(i64, i64)]) -> Vec<(u32, u32)> {
    let mut changes = Vec::new();
    for (a, b) in edges(points) {
        let edge = Edge::new(a, b);
        for column in edge.columns(size.width) {
            let pixel = (edge.passes(column) + SCALE / 2).div_euclid(SCALE).clamp(0, size.height.into());
            // It fits, since no side is longer than MAX_SIDE.
            changes.push((column * i64::from(size.height) + pixel) as u32);
        }
    }
    changes.sort_unstable();
    // A closed chain passes each column an even number of times.
    let (pairs, _) = changes.as_chunks::<2>();
    pairs.iter().map(|[from, to]| (*from, *to)).collect()
}

/// The run lengths of the union of runs that are sorted by their first pixel.
fn counts(size: Size, runs: &[(u32, u32)]) -> Vec<u32> {
    let mut counts = Vec::with_capacity(runs.len() * 2 + 1);
    let mut end = 0;
    for (from, to) in runs {
        let from = end.max(*from);
        counts.push(from - end);
        end = from.max(*to);
        counts.push(end - from);
    }
    counts.push((size.pixels() as u32).saturating_sub(end));
    counts
}

/// An edge in fifths of a pixel. Its points are one apart along its longer axis, on which it starts at the lower end.
struct Edge {
    start: (i64, i64),
    end: (i64, i64),
    /// Whether the longer axis is y.
    steep: bool,
    /// The change along the other axis for each step.
    slope: f64,
}

impl Edge {
    fn new(a: (i64, i64), b: (i64, i64)) -> Self {
        let steep = a.0.abs_diff(b.0) < a.1.abs_diff(b.1);
        let flip = if steep { a.1 > b.1 } else { a.0 > b.0 };
        let (start, end) = if flip { (b, a) } else { (a, b) };
        let (dx, dy) = ((end.0 - start.0) as f64, (end.1 - start.1) as f64);
        // NaN if the edge is one point. Such an edge passes no column.
        let slope = if steep { dx / dy } else { dy / dx };
        Self { start, end, steep, slope }
    }

    /// The columns of the picture whose middle is between two points of the edge.
    fn columns(&self, width: u32) -> std::ops::Range<i64> {
        // The middle of a column is between the points 5x + 2 and 5x + 3.
        let first = |x: i64| (x + SCALE / 2).div_euclid(SCALE).clamp(0, width.into());
        first(self.start.0.min(self.end.0))..first(self.start.0.max(self.end.0))
    }

    /// The lesser y of the two points between which the edge passes the middle of a column.
    fn passes(&self, column: i64) -> i64 {
        let before = SCALE * column + SCALE / 2;
        if self.steep {
            let right = self.start.0 > before;
            let step =
                first_step(self.end.1 - self.start.1, |step| (self.across(self.start.0, step) > before) != right);
            self.start.1 + step - 1
        } else {
            let step = before - self.start.0;
            self.across(self.start.1, step).min(self.across(self.start.1, step + 1))
        }
    }

    /// The coordinate on the shorter axis after some steps. It must be rounded exactly as pycocotools does.
    fn across(&self, start: i64, step: i64) -> i64 {
        (start as f64 + self.slope * step as f64 + 0.5) as i64
    }
}

/// The first step up to `last` for which `reached` is true. It must stay true from there on.
fn first_step(last: i64, reached: impl Fn(i64) -> bool) -> i64 {
    let (mut from, mut to) = (0, last);
    while from < to {
        let middle = from.midpoint(to);
        (from, to) = if reached(middle) { (from, middle) } else { (middle + 1, to) };
    }
    from
}
