//! Sizes, boxes and points in pixels of the original image.

use serde::{Deserialize, Serialize};

/// The size of an image or a mask, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// The number of columns.
    pub width: u32,
    /// The number of rows.
    pub height: u32,
}

impl Size {
    /// Creates a size from a number of columns and a number of rows.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// The number of pixels: width × height.
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The box of the whole image.
    pub fn rect(self) -> Rect {
        Rect { x_min: 0.0, y_min: 0.0, x_max: f64::from(self.width), y_max: f64::from(self.height) }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}

/// An axis-parallel box in pixels. It is half open: the left and top edges belong to it, the right and bottom edges do
/// not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// The left edge.
    pub x_min: f64,
    /// The top edge.
    pub y_min: f64,
    /// The right edge; it is not part of the box.
    pub x_max: f64,
    /// The bottom edge; it is not part of the box.
    pub y_max: f64,
}

impl Rect {
    /// Returns the part of the box inside an image of this size, or `None` if that part is empty or an edge is not a
    /// finite number.
    pub fn clip(self, size: Size) -> Option<Self> {
        let edges = [self.x_min, self.y_min, self.x_max, self.y_max];
        if !edges.iter().all(|edge| edge.is_finite()) {
            return None;
        }
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let inside = Self {
            x_min: self.x_min.clamp(0.0, width),
            y_min: self.y_min.clamp(0.0, height),
            x_max: self.x_max.clamp(0.0, width),
            y_max: self.y_max.clamp(0.0, height),
        };
        (inside.x_max > inside.x_min && inside.y_max > inside.y_min).then_some(inside)
    }

    /// The area in pixels. It is 0 if the left and right or the top and bottom edges are swapped.
    pub fn area(self) -> f64 {
        (self.x_max - self.x_min).max(0.0) * (self.y_max - self.y_min).max(0.0)
    }

    /// The intersection over union with another box, 0 to 1. It is 0 if both boxes are empty.
    pub fn iou(self, other: Self) -> f64 {
        let shared = Self {
            x_min: self.x_min.max(other.x_min),
            y_min: self.y_min.max(other.y_min),
            x_max: self.x_max.min(other.x_max),
            y_max: self.y_max.min(other.y_max),
        }
        .area();
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }
}

/// A point of the image that is marked as inside or outside the object.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The distance from the left edge of the image, in pixels.
    pub x: f64,
    /// The distance from the top edge of the image, in pixels.
    pub y: f64,
    /// Whether the point is inside the object.
    pub inside: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rect(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> Rect {
        Rect { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn clipping_keeps_the_inside_part_and_refuses_boxes_outside() {
        let size = Size::new(10, 5);
        assert_eq!(rect(-3.0, 1.0, 4.0, 99.0).clip(size), Some(rect(0.0, 1.0, 4.0, 5.0)));
        assert_eq!(rect(10.0, 0.0, 20.0, 5.0).clip(size), None);
        assert_eq!(rect(4.0, 0.0, 2.0, 5.0).clip(size), None);
        assert_eq!(rect(f64::NAN, 0.0, 2.0, 5.0).clip(size), None);
    }

    #[test]
    fn iou_is_the_shared_area_over_the_joint_area() {
        assert_eq!(rect(0.0, 0.0, 2.0, 2.0).iou(rect(1.0, 0.0, 3.0, 2.0)), 2.0 / 6.0);
        assert_eq!(rect(0.0, 0.0, 1.0, 1.0).iou(rect(2.0, 2.0, 3.0, 3.0)), 0.0);
        assert_eq!(rect(0.0, 0.0, 0.0, 0.0).iou(rect(0.0, 0.0, 0.0, 0.0)), 0.0);
    }
}
