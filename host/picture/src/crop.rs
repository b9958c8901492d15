//! Decides which part of the photo a view shows, and in which size.

use rescue_core::{Rect, Size};
use rescue_mask::Bounds;

use crate::error::ViewError;
use crate::limits;
use crate::view::Crop;

/// Returns the part of the photo to show, in pixels of the photo. `marks` holds the bounds of each mark, clipped to the
/// photo. Returns an error if the crop is out of range, or needs marks and there are none.
pub(crate) fn area(crop: Crop, photo: Size, marks: &[Rect]) -> Result<Bounds, ViewError> {
    match crop {
        Crop::Whole => Ok(Bounds { x_min: 0, y_min: 0, x_max: photo.width, y_max: photo.height }),
        Crop::Area(rect) => match rect.clip(photo) {
            Some(clipped) => Ok(enlarged(clipped, 0.0, photo)),
            None => Err(ViewError::Area { rect, photo }),
        },
        Crop::Around(margin) if !(margin.is_finite() && margin >= 0.0) => Err(ViewError::Margin { margin }),
        Crop::Around(margin) => {
            let all = union(marks)?;
            Ok(enlarged(all, margin * (all.x_max - all.x_min).max(all.y_max - all.y_min), photo))
        }
        Crop::Margin(margin) => Ok(enlarged(union(marks)?, margin.into(), photo)),
    }
}

/// Returns the smallest box around these bounds, or an error if there are no bounds.
fn union(marks: &[Rect]) -> Result<Rect, ViewError> {
    let both = |one: Rect, other: Rect| Rect {
        x_min: one.x_min.min(other.x_min),
        y_min: one.y_min.min(other.y_min),
        x_max: one.x_max.max(other.x_max),
        y_max: one.y_max.max(other.y_max),
    };
    marks.iter().copied().reduce(both).ok_or(ViewError::NothingAround)
}

/// Returns the pixels of the photo that the box, enlarged by a margin in pixels, touches. There is at least one pixel,
/// since the box overlaps the photo.
fn enlarged(rect: Rect, margin: f64, photo: Size) -> Bounds {
    let first = |edge: f64, end: u32| (edge - margin).floor().clamp(0.0, f64::from(end)) as u32;
    let last = |edge: f64, end: u32| (edge + margin).ceil().clamp(0.0, f64::from(end)) as u32;
    Bounds {
        x_min: first(rect.x_min, photo.width),
        y_min: first(rect.y_min, photo.height),
        x_max: last(rect.x_max, photo.width),
        y_max: last(rect.y_max, photo.height),
    }
}

/// Returns the size in which an area of this size is shown. An area whose longer side exceeds `max_side` is shrunk to it,
/// and one whose longer side is less than [`limits::LEAST_SIDE`] is enlarged to that or to `max_side`, whichever is less.
/// Other areas keep their size. No side becomes 0.
pub(crate) fn fit(area: Size, max_side: u32) -> Size {
    let longer = area.width.max(area.height);
    let target = longer.clamp(limits::LEAST_SIDE.min(max_side), max_side);
    let scaled = |side: u32| {
        let (side, target, longer) = (u64::from(side), u64::from(target), u64::from(longer.max(1)));
        ((side * target + longer / 2) / longer).max(1) as u32
    };
    Size::new(scaled(area.width), scaled(area.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Size = Size::new(100, 80);

    const fn rect(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> Rect {
        Rect { x_min, y_min, x_max, y_max }
    }

    const fn bounds(x_min: u32, y_min: u32, x_max: u32, y_max: u32) -> Bounds {
        Bounds { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn areas_are_rounded_outward_and_clipped_to_the_photo() {
        let area = |rect| area(Crop::Area(rect), PHOTO, &[]);
        assert_eq!(area(rect(1.2, 3.0, 4.0, 5.1)), Ok(bounds(1, 3, 4, 6)));
        assert_eq!(area(rect(-9.0, -9.0, 0.1, 900.0)), Ok(bounds(0, 0, 1, 80)));
        assert_eq!(area(rect(99.999, 0.0, 200.0, 1.0)), Ok(bounds(99, 0, 100, 1)));
        for outside in [rect(100.0, 0.0, 200.0, 10.0), rect(9.0, 0.0, 3.0, 10.0), rect(f64::NAN, 0.0, 3.0, 10.0)] {
            assert!(matches!(area(outside), Err(ViewError::Area { .. })), "{outside:?}");
        }
    }

    #[test]
    fn margins_are_shares_of_the_longer_side_or_pixels_and_are_clipped() {
        let marks = [rect(30.0, 20.0, 40.0, 30.0), rect(40.0, 24.5, 50.0, 40.0)];
        let area = |crop| area(crop, PHOTO, &marks);
        assert_eq!(area(Crop::Around(0.0)), Ok(bounds(30, 20, 50, 40)));
        assert_eq!(area(Crop::Around(0.5)), Ok(bounds(20, 10, 60, 50)));
        assert_eq!(area(Crop::Around(0.51)), Ok(bounds(19, 9, 61, 51)));
        assert_eq!(area(Crop::Around(1.5)), Ok(bounds(0, 0, 80, 70)));
        assert_eq!(area(Crop::Around(f64::MAX)), Ok(bounds(0, 0, 100, 80)));
        assert_eq!(area(Crop::Margin(10)), Ok(bounds(20, 10, 60, 50)));
        assert_eq!(area(Crop::Margin(u32::MAX)), Ok(bounds(0, 0, 100, 80)));
        for margin in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(matches!(area(Crop::Around(margin)), Err(ViewError::Margin { .. })), "{margin}");
        }
    }

    #[test]
    fn cropping_around_marks_without_marks_is_refused() {
        assert_eq!(area(Crop::Around(0.1), PHOTO, &[]), Err(ViewError::NothingAround));
        assert_eq!(area(Crop::Margin(10), PHOTO, &[]), Err(ViewError::NothingAround));
    }

    #[test]
    fn large_areas_are_shrunk_and_only_tiny_areas_are_enlarged() {
        let fit = |width, height, side| fit(Size::new(width, height), side);
        assert_eq!(fit(4000, 3000, 1024), Size::new(1024, 768));
        assert_eq!(fit(3000, 4000, 1024), Size::new(768, 1024));
        assert_eq!(fit(800, 600, 1024), Size::new(800, 600));
        assert_eq!(fit(256, 10, 1024), Size::new(256, 10));
        assert_eq!(fit(128, 10, 1024), Size::new(256, 20));
        assert_eq!(fit(128, 10, 64), Size::new(64, 5));
        assert_eq!(fit(1, 1, 1024), Size::new(256, 256));
        assert_eq!(fit(1, 1, 64), Size::new(64, 64));
        assert_eq!(fit(20_000, 3, 1024), Size::new(1024, 1));
        assert_eq!(fit(u32::MAX, u32::MAX, 4096), Size::new(4096, 4096));
    }
}
