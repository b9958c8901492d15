//! Discs, rectangles and triangles as signed distance functions.

use rescue_mask::{Mask, Rect, Size};

/// The names of the shapes.
pub(super) const SHAPES: [&str; 3] = ["disc", "rectangle", "triangle"];

/// A shape. Lengths and coordinates are in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// The x coordinate of the centre.
    pub(super) x: f64,
    /// The y coordinate of the centre.
    pub(super) y: f64,
    /// The radius of the circumscribed circle.
    pub(super) radius: f64,
    /// The index in [`SHAPES`].
    pub(super) kind: usize,
    /// The direction of a rectangle's corner from the centre, 0 (flat) to τ/4 (upright). Not used by other shapes.
    pub(super) angle: f64,
}

impl Shape {
    /// The distance of a point from the shape, negative inside. It is exact along edges, and too small beyond corners.
    pub(super) fn distance(&self, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.x, y - self.y);
        match self.kind {
            0 => dx.hypot(dy) - self.radius,
            1 => (dx.abs() - self.radius * self.angle.cos()).max(dy.abs() - self.radius * self.angle.sin()),
            _ => {
                // The triangle is equilateral with a corner on top; each edge is half a radius from the centre.
                let (sin, cos) = (0.5, 0.75_f64.sqrt());
                dy.max(dx.abs() * cos - dy * sin) - self.radius / 2.0
            }
        }
    }

    /// The pixels whose centres are inside.
    pub(super) fn mask(&self, size: Size) -> Mask {
        Mask::from_fn(size, |x, y| self.distance(f64::from(x) + 0.5, f64::from(y) + 0.5) < 0.0)
    }

    /// Whether the circumscribed circles of two shapes are more than a margin apart.
    pub(super) fn apart(&self, other: &Self, margin: f64) -> bool {
        (self.x - other.x).hypot(self.y - other.y) > self.radius + other.radius + margin
    }
}

/// The bounds of a mask in pixels. `None` if the mask is empty.
pub(crate) fn bounds(mask: &Mask) -> Option<Rect> {
    let bounds = mask.bounds()?;
    Some(Rect {
        x_min: f64::from(bounds.x_min),
        y_min: f64::from(bounds.y_min),
        x_max: f64::from(bounds.x_max),
        y_max: f64::from(bounds.y_max),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_those_of_geometry() {
        let shape = |kind| Shape { x: 100.0, y: 100.0, radius: 80.0, kind, angle: std::f64::consts::FRAC_PI_4 };
        let area = |kind| f64::from(shape(kind).mask(Size::new(200, 200)).area()) / 6400.0;
        assert!((area(0) - std::f64::consts::PI).abs() < 0.01, "{}", area(0));
        assert!((area(1) - 2.0).abs() < 0.04, "{}", area(1));
        assert!((area(2) - 27.0_f64.sqrt() / 4.0).abs() < 0.02, "{}", area(2));
    }
}
