//! The polygons of LISA's ReasonSeg, drawn as OpenCV does.
//!
//! LISA draws with `cv2.polylines` and then with `cv2.fillPoly`. The latter draws the same lines, so it alone counts. The
//! algorithms are those of OpenCV's `drawing.cpp` `clipLine` and `LineIterator` for the lines, and `CollectPolyEdges`
//! and `FillEdgeCollection` for the pixels between. OpenCV's versions round differently: this is
//! as 4.8 to 4.10 draw, of which LISA's `requirements.txt` names 4.8.0. Of realistic polygons, 4.11 and later draw at most a few pixels in
//! ten thousand otherwise.

use std::cmp::Reverse;

use rescue_mask::{Mask, Size};

use super::{PolygonError, Work, edges};

/// The fraction's bits of the x at which an edge passes a row.
const SHIFT: u32 = 16;

/// The outline of a polygon, and the pixels inside it by the even-odd rule. The vertices (x, y) are pixels. Equal to
/// `cv2.polylines(mask, [points], True, 1, 1)` followed by `cv2.fillPoly(mask, [points], 1)`.
///
/// Any number of vertices will do: one is a pixel, two are a line, and none is an empty mask. They may be outside the
/// picture, and what is covered there is left out; the part inside then differs slightly from the same polygon's in a
/// larger picture, as OpenCV rounds where an edge enters the picture. If coordinates are 2³¹ or more apart, OpenCV's
/// arithmetic overflows; the mask is then not the same, but some mask.
///
/// # Errors
///
/// Returns an error if a side of the picture is longer than [`MAX_SIDE`](rescue_mask::MAX_SIDE), or if the outline within
/// the picture is absurdly long.
pub(crate) fn cv2(size: Size, points: &[(i32, i32)]) -> Result<Mask, PolygonError> {
    let mut work = Work::new(size)?;
    let points: Vec<Point> = points.iter().map(|(x, y)| Point { x: i64::from(*x), y: i64::from(*y) }).collect();
    edges(&points).try_for_each(|(a, b)| work.add((a.x, a.y), (b.x, b.y)))?;
    let mut mask = Mask::new(size);
    if size.pixels() > 0 {
        let mut sides = Vec::new();
        for (a, b) in edges(&points) {
            let clipped = Clipped::new(size, a, b);
            if clipped.inside {
                draw_line(&mut mask, clipped.a, clipped.b);
            }
            sides.extend(Side::new(a, b, &clipped).and_then(|side| side.within(size)));
        }
        fill(&mut mask, sides);
    }
    Ok(mask)
}

#[derive(Clone, Copy)]
struct Point {
    x: i64,
    y: i64,
}

/// The part of an edge within the picture. If there is none, `inside` is false, and the points are wherever OpenCV leaves
/// them, which has an effect on how the edge is filled.
struct Clipped {
    a: Point,
    b: Point,
    inside: bool,
    /// Whether the edge was within the picture as it is.
    whole: bool,
}

impl Clipped {
    fn new(size: Size, mut a: Point, mut b: Point) -> Self {
        let (right, bottom) = (i64::from(size.width) - 1, i64::from(size.height) - 1);
        let within = |point: Point| beyond(point.x, right) == 0 && beyond(point.y, bottom) == 0;
        let whole = within(a) && within(b);
        if !apart(a.x, b.x, right) && !apart(a.y, b.y, bottom) {
            (a.y, a.x) = cut((a.y, a.x), (b.y, b.x), bottom);
            (b.y, b.x) = cut((b.y, b.x), (a.y, a.x), bottom);
            if !apart(a.x, b.x, right) {
                (a.x, a.y) = cut((a.x, a.y), (b.x, b.y), right);
                (b.x, b.y) = cut((b.x, b.y), (a.x, a.y), right);
            }
        }
        Self { a, b, inside: within(a) && within(b), whole }
    }
}

/// -1 if a coordinate is before the picture, 1 if it is behind it, and 0 if it is within.
fn beyond(value: i64, last: i64) -> i64 {
    (value - value.clamp(0, last)).signum()
}

/// Whether both coordinates are beyond the same side of the picture.
fn apart(a: i64, b: i64, last: i64) -> bool {
    beyond(a, last) * beyond(b, last) == 1
}

/// Moves a point along the line to another, onto the picture's side if its first coordinate is beyond that. OpenCV
/// computes the second coordinate in doubles, and rounds towards where the point was.
fn cut(point: (i64, i64), other: (i64, i64), last: i64) -> (i64, i64) {
    let side = point.0.clamp(0, last);
    if side == point.0 {
        return point;
    }
    let along = (side - point.0) as f64 * (other.1 - point.1) as f64 / (other.0 - point.0) as f64;
    (side, point.1 + along as i64)
}

/// Draws an 8-connected line with Bresenham's algorithm, from left to right, or as given if it is vertical.
fn draw_line(mask: &mut Mask, a: Point, b: Point) {
    let (start, end) = if a.x > b.x { (b, a) } else { (a, b) };
    let (width, height) = (end.x - start.x, (end.y - start.y).abs());
    let down = (end.y - start.y).signum();
    let (long, short) = (width.max(height), width.min(height));
    let steep = height > width;
    let mut point = start;
    let mut error = long - 2 * short;
    for _ in 0..=long {
        set(mask, point);
        let both = error < 0;
        error += if both { 2 * long - 2 * short } else { -2 * short };
        point.x += i64::from(!steep || both);
        point.y += if steep || both { down } else { 0 };
    }
}

/// Adds a pixel of the picture.
fn set(mask: &mut Mask, point: Point) {
    if let (Ok(x), Ok(y)) = (point.x.try_into(), point.y.try_into()) {
        mask.set(x, y, true);
    }
}

/// An edge that is not horizontal, from its upper end down to the row before its lower end.
struct Side {
    top: i64,
    bottom: i64,
    /// Where the edge passes the top row, in 2⁻¹⁶ pixels.
    x: i64,
    /// The change of `x` for each row.
    slope: i64,
}

impl Side {
    /// `None` if the edge is horizontal. The slope is that of the clipped edge, if it still has one; that may be far off,
    /// and the arithmetic wraps around as OpenCV's does.
    fn new(a: Point, b: Point, clipped: &Clipped) -> Option<Self> {
        if a.y == b.y {
            return None;
        }
        let level = clipped.a.y == clipped.b.y;
        let (from, to) = if level { (a, b) } else { (clipped.a, clipped.b) };
        let (rows, columns) = ((from.y, to.y), (from.x, to.x));
        let slope = ((columns.1 - columns.0) << SHIFT) / (rows.1 - rows.0);
        let (upper, column, row) = if a.y < b.y { (a, columns.0, rows.0) } else { (b, columns.1, rows.1) };
        let half = if clipped.whole { 1 << (SHIFT - 1) } else { 0 };
        let x = ((column << SHIFT) + half).wrapping_add((upper.y - row).wrapping_mul(slope));
        Some(Self { top: upper.y, bottom: a.y.max(b.y), x, slope })
    }

    /// The part in the picture's rows.
    fn within(self, size: Size) -> Option<Self> {
        let (top, bottom) = (self.top.max(0), self.bottom.min(size.height.into()));
        let x = self.x.wrapping_add((top - self.top).wrapping_mul(self.slope));
        (top < bottom).then_some(Self { top, bottom, x, ..self })
    }
}

/// Adds the pixels between the first and the second side in each row, the third and the fourth, and so on.
fn fill(mask: &mut Mask, mut sides: Vec<Side>) {
    // The uppermost is taken first, from the end.
    sides.sort_unstable_by_key(|side| Reverse(side.top));
    let mut active: Vec<Side> = Vec::new();
    for y in 0..i64::from(mask.size().height) {
        active.retain(|side| side.bottom > y);
        while let Some(side) = sides.pop_if(|side| side.top <= y) {
            active.push(side);
        }
        active.sort_unstable_by_key(|side| side.x);
        // A closed polygon passes each row an even number of times.
        for pair in active.chunks_exact_mut(2) {
            if let [left, right] = pair {
                fill_row(mask, y, left.x >> SHIFT, right.x >> SHIFT);
                left.x = left.x.wrapping_add(left.slope);
                right.x = right.x.wrapping_add(right.slope);
            }
        }
    }
}

/// Adds the pixels of a row from one x to another, both included, as far as they are in the picture.
fn fill_row(mask: &mut Mask, y: i64, from: i64, to: i64) {
    let last = i64::from(mask.size().width) - 1;
    for x in from.max(0)..=to.min(last) {
        set(mask, Point { x, y });
    }
}
