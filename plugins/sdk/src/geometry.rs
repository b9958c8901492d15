//! Geometry of boxes and sizes, in pixels.

use crate::{Point, Rect, Size};

impl Size {
    /// The box of the whole image: (0, 0, width, height).
    #[must_use]
    pub fn rect(self) -> Rect {
        Rect { x_min: 0.0, y_min: 0.0, x_max: f64::from(self.width), y_max: f64::from(self.height) }
    }
}

impl Rect {
    /// The width in pixels, at least 0.
    #[must_use]
    pub fn width(&self) -> f64 {
        (self.x_max - self.x_min).max(0.0)
    }

    /// The height in pixels, at least 0.
    #[must_use]
    pub fn height(&self) -> f64 {
        (self.y_max - self.y_min).max(0.0)
    }

    /// Width × height, in square pixels.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// The centre, as (x, y).
    #[must_use]
    pub fn centre(&self) -> (f64, f64) {
        (f64::midpoint(self.x_min, self.x_max), f64::midpoint(self.y_min, self.y_max))
    }

    /// The intersection of two boxes. Its area is 0 if they do not overlap.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            x_min: self.x_min.max(other.x_min),
            y_min: self.y_min.max(other.y_min),
            x_max: self.x_max.min(other.x_max),
            y_max: self.y_max.min(other.y_max),
        }
    }

    /// The smallest box that contains both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            x_min: self.x_min.min(other.x_min),
            y_min: self.y_min.min(other.y_min),
            x_max: self.x_max.max(other.x_max),
            y_max: self.y_max.max(other.y_max),
        }
    }

    /// Intersection over union, from 0 to 1; 0 if both boxes are empty.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f64 {
        let shared = self.intersection(other).area();
        let all = self.area() + other.area() - shared;
        if all > 0.0 { shared / all } else { 0.0 }
    }

    /// The share of this box that lies inside the other, from 0 to 1; 0 if this box is empty.
    #[must_use]
    pub fn share_in(&self, other: &Self) -> f64 {
        let area = self.area();
        if area > 0.0 { self.intersection(other).area() / area } else { 0.0 }
    }

    /// The distance between the edges of two boxes in pixels; 0 if they touch or overlap.
    #[must_use]
    pub fn gap(&self, other: &Self) -> f64 {
        let dx = (self.x_min - other.x_max).max(other.x_min - self.x_max).max(0.0);
        let dy = (self.y_min - other.y_max).max(other.y_min - self.y_max).max(0.0);
        crate::math::sqrt(dx * dx + dy * dy)
    }

    /// The part of this box from `(left, top)` to `(right, bottom)`, given as shares of its width and height from 0 to
    /// 1.
    #[must_use]
    pub fn part(&self, left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            x_min: self.x_min + left * self.width(),
            y_min: self.y_min + top * self.height(),
            x_max: self.x_min + right * self.width(),
            y_max: self.y_min + bottom * self.height(),
        }
    }

    /// A positive point prompt (`inside` is true) at this place, given as shares of the width and height from 0 to 1.
    #[must_use]
    pub fn point(&self, across: f64, down: f64) -> Point {
        Point { x: self.x_min + across * self.width(), y: self.y_min + down * self.height(), inside: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rect(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> Rect {
        Rect { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn overlap() {
        let a = rect(0.0, 0.0, 10.0, 10.0);
        assert!((a.iou(&a) - 1.0).abs() < 1e-12);
        assert!((a.iou(&rect(5.0, 0.0, 15.0, 10.0)) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(a.iou(&rect(20.0, 20.0, 30.0, 30.0)), 0.0);
        assert_eq!(rect(3.0, 3.0, 3.0, 3.0).iou(&rect(3.0, 3.0, 3.0, 3.0)), 0.0);
        assert!((rect(5.0, 0.0, 15.0, 10.0).share_in(&a) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn gap_part_and_hull() {
        let a = rect(0.0, 0.0, 10.0, 10.0);
        assert!((a.gap(&rect(13.0, 14.0, 20.0, 20.0)) - 5.0).abs() < 1e-12);
        assert_eq!(a.gap(&rect(5.0, 5.0, 20.0, 20.0)), 0.0);
        assert_eq!(a.part(0.0, 0.5, 1.0, 1.0), rect(0.0, 5.0, 10.0, 10.0));
        assert_eq!(a.hull(&rect(5.0, -1.0, 20.0, 2.0)), rect(0.0, -1.0, 20.0, 10.0));
        assert_eq!(a.point(0.5, 0.25), Point { x: 5.0, y: 2.5, inside: true });
    }
}
