//! The simulated planner: which object it points at, and in which coordinates.

use rescue_mask::{Rect, Size};

use super::Question;
use crate::config::Coordinates;
use crate::latency::normal;

/// An object that the planner points at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pointed {
    /// The object's name.
    pub(super) name: String,
    /// x₁, y₁, x₂, y₂ in the model's coordinates.
    pub(super) numbers: [i64; 4],
}

/// Points at the object that is asked for, or at another one. `None` if the pictures show no known photo.
pub(super) fn point(question: &Question<'_>, random: &mut fastrand::Rng) -> Option<Pointed> {
    let count = question.config.coordinates;
    if let Some((analysis, rect)) = question.analyses.iter().find_map(|analysis| Some((analysis, analysis.probe?))) {
        return Some(Pointed { name: "red rectangle".to_owned(), numbers: numbers(rect, analysis.size, count) });
    }
    if question.analyser.blind {
        let analysis = question.analyses.first()?;
        let rect = anywhere(random, analysis.size);
        return Some(Pointed { name: "thing".to_owned(), numbers: numbers(rect, analysis.size, count) });
    }
    let (analysis, view) = question.analyses.iter().find_map(|analysis| Some((analysis, analysis.views.first()?)))?;
    let scene = question.analyser.scenes.get(view.scene)?;
    let others: Vec<_> = (0..scene.objects.len()).filter(|index| *index != scene.truth()).collect();
    let right = random.f64() < question.config.right;
    let index = if right { scene.truth() } else { random.choice(others).unwrap_or(scene.truth()) };
    let object = scene.objects.get(index)?;
    let jitter = question.config.jitter;
    let mut moved = |edge: f64, side: f64| edge + normal(random) * jitter * side;
    let bounds = object.bounds;
    let (width, height) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
    let (left, top) = (moved(bounds.x_min, width), moved(bounds.y_min, height));
    let (right, bottom) = (moved(bounds.x_max, width), moved(bounds.y_max, height));
    // Converts from pixels of the photo to pixels of the picture that was sent.
    let region = view.region;
    let across = |x: f64| f64::from(region.x) + x / f64::from(scene.size.width) * f64::from(region.width);
    let down = |y: f64| f64::from(region.y) + y / f64::from(scene.size.height) * f64::from(region.height);
    let rect = Rect {
        x_min: across(left.min(right)),
        y_min: down(top.min(bottom)),
        x_max: across(left.max(right)),
        y_max: down(top.max(bottom)),
    };
    Some(Pointed { name: object.name.clone(), numbers: numbers(rect, analysis.size, count) })
}

/// A box of a tenth to a third of each side, anywhere on a picture.
fn anywhere(random: &mut fastrand::Rng, picture: Size) -> Rect {
    let mut span = |side: u32| {
        let (length, at) = (0.1 + 0.23 * random.f64(), random.f64());
        let from = (1.0 - length) * at;
        (from * f64::from(side), (from + length) * f64::from(side))
    };
    let ((x_min, x_max), (y_min, y_max)) = (span(picture.width), span(picture.height));
    Rect { x_min, y_min, x_max, y_max }
}

/// Converts a box from pixels of a picture to the model's coordinates.
fn numbers(rect: Rect, picture: Size, coordinates: Coordinates) -> [i64; 4] {
    let count = match coordinates {
        Coordinates::Thousand => Size::new(1000, 1000),
        Coordinates::Shown => picture,
        Coordinates::Resized28 => smart_resize(picture),
    };
    let number = |at: f64, side: u32, count: u32| {
        (at / f64::from(side.max(1)) * f64::from(count)).round().clamp(0.0, f64::from(count)) as i64
    };
    [
        number(rect.x_min, picture.width, count.width),
        number(rect.y_min, picture.height, count.height),
        number(rect.x_max, picture.width, count.width),
        number(rect.y_max, picture.height, count.height),
    ]
}

/// The size to which Qwen2.5-VL resizes a picture: both sides are multiples of 28, as near as possible to the
/// picture's, and the picture has 4 to 16 384 squares of 28 × 28 pixels (`smart_resize` of qwen-vl-utils).
fn smart_resize(size: Size) -> Size {
    const SIDE: f64 = 28.0;
    const LEAST: f64 = 4.0 * SIDE * SIDE;
    const MOST: f64 = 16_384.0 * SIDE * SIDE;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let near = |side: f64| ((side / SIDE).round_ties_even() * SIDE).max(SIDE);
    let (mut new_width, mut new_height) = (near(width), near(height));
    if new_width * new_height > MOST {
        let shrink = (width * height / MOST).sqrt();
        let below = |side: f64| ((side / shrink / SIDE).floor() * SIDE).max(SIDE);
        (new_width, new_height) = (below(width), below(height));
    } else if new_width * new_height < LEAST {
        let grow = (LEAST / (width * height)).sqrt();
        let above = |side: f64| (side * grow / SIDE).ceil() * SIDE;
        (new_width, new_height) = (above(width), above(height));
    }
    Size::new(new_width as u32, new_height as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_the_configured_units() {
        let rect = Rect { x_min: 64.0, y_min: 48.0, x_max: 640.0, y_max: 480.0 };
        let picture = Size::new(640, 480);
        assert_eq!(numbers(rect, picture, Coordinates::Thousand), [100, 100, 1000, 1000]);
        assert_eq!(numbers(rect, picture, Coordinates::Shown), [64, 48, 640, 480]);
        // 640 / 28 = 22.9, 480 / 28 = 17.1
        assert_eq!(numbers(rect, picture, Coordinates::Resized28), [64, 48, 644, 476]);
    }

    #[test]
    fn sizes_are_those_of_qwen_vl_utils() {
        assert_eq!(smart_resize(Size::new(1024, 768)), Size::new(1036, 756));
        assert_eq!(smart_resize(Size::new(20, 20)), Size::new(56, 56));
        assert_eq!(smart_resize(Size::new(8000, 6000)), Size::new(4116, 3080));
    }
}
