//! Draws polygons into masks, pixel by pixel as the reference code of each data set does.
//!
//! Coordinates are in pixels, x to the right and y down, and may lie outside the picture: what a polygon covers there is
//! left out. The work is in proportion to the number of vertices and to the outline within the picture's rows and
//! columns, however far the vertices are outside.

mod coco;
mod cv2;
#[cfg(test)]
mod tests;

use rescue_mask::{MAX_SIDE, Size};

pub(crate) use self::coco::coco;
pub(crate) use self::cv2::cv2;

/// The longest outline of the polygons of one mask, in pixels. No photo has one that is nearly as long.
const MAX_OUTLINE: u64 = 1 << 25;

/// A polygon cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub(crate) enum PolygonError {
    /// A list of coordinates is not one of x and y in turn.
    #[error("polygon {polygon} has {found} numbers, but each vertex needs two")]
    Odd {
        /// The polygon's place in the list, from 0.
        polygon: usize,
        /// The number of coordinates.
        found: usize,
    },
    /// There are not three vertices.
    #[error("polygon {polygon} has {found} numbers, but a polygon has at least three vertices and so 6 numbers")]
    TooFew {
        /// The polygon's place in the list, from 0.
        polygon: usize,
        /// The number of coordinates.
        found: usize,
    },
    /// A coordinate is not finite, or more than [`coco::MAX_COORDINATE`] away from 0.
    #[error(
        "polygon {polygon} has the coordinate {value}, but none may be further from 0 than {}",
        coco::MAX_COORDINATE
    )]
    Coordinate {
        /// The polygon's place in the list, from 0.
        polygon: usize,
        /// The coordinate, in pixels.
        value: f64,
    },
    /// A side of the picture is longer than [`MAX_SIDE`].
    #[error("the picture is {size}, but no side may be longer than {MAX_SIDE} pixels")]
    Size {
        /// The size of the picture.
        size: Size,
    },
    /// The outline is so long that drawing it would take too long.
    #[error("the outline runs through more than {MAX_OUTLINE} rows and columns of the picture; the polygon is broken")]
    TooLong,
}

/// Adds up the work for the edges of all polygons of one mask, before any is drawn.
struct Work {
    size: Size,
    outline: u64,
}

impl Work {
    /// Checks the size of the picture.
    fn new(size: Size) -> Result<Self, PolygonError> {
        if size.width.max(size.height) <= MAX_SIDE {
            Ok(Self { size, outline: 0 })
        } else {
            Err(PolygonError::Size { size })
        }
    }

    /// Adds the rows and columns of the picture through which an edge runs. The vertices are (x, y) in pixels.
    fn add(&mut self, a: (i64, i64), b: (i64, i64)) -> Result<(), PolygonError> {
        let within = |a: i64, b: i64, side: u32| {
            let side = i64::from(side);
            a.abs_diff(b).min(a.clamp(0, side).abs_diff(b.clamp(0, side)))
        };
        self.outline += 1 + within(a.0, b.0, self.size.width) + within(a.1, b.1, self.size.height);
        if self.outline <= MAX_OUTLINE { Ok(()) } else { Err(PolygonError::TooLong) }
    }
}

/// The edges of a closed polygon, as pairs of vertices. The first edge goes from the last vertex to the first.
fn edges<T: Copy>(vertices: &[T]) -> impl Iterator<Item = (T, T)> {
    vertices.last().into_iter().chain(vertices).copied().zip(vertices.iter().copied())
}
