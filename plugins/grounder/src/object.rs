//! What the detector found.

use rescue_plugin_sdk::chat::Found;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Rect, Size};

/// The score of a detection without one.
const UNSCORED: f64 = 0.5;
/// Two boxes with a higher IoU are one object.
const SAME: f64 = 0.85;

/// A box that lies inside another of its kind by at least this share of its area …
const INSIDE: f64 = 0.8;
/// … and whose score is at most this share of the other's is a part of it, taken for a whole: a head for a person.
const UNSURE: f64 = 0.5;

/// A detection that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its number in the detector's answer, from 0.
    pub index: usize,
    /// Where it is.
    pub rect: Rect,
    /// How sure the detector is.
    pub score: f64,
}

/// The detections that count: inside the image, scored high enough, no doubles, no parts; in the detector's order.
#[must_use]
pub fn objects(found: &[Found], image: Size, least_score: f64) -> Vec<Object> {
    let all: Vec<(Object, &str)> = found
        .iter()
        .enumerate()
        .map(|(index, found)| {
            let rect = found.rect.intersection(&image.rect());
            (Object { index, rect, score: found.score.unwrap_or(UNSCORED) }, found.label.as_str())
        })
        .filter(|(object, _)| object.score >= least_score && object.rect.area() > 0.0)
        .collect();
    let double = |one: &Object, other: &Object| {
        let wins = other.score > one.score || (other.score >= one.score && other.index < one.index);
        wins && other.rect.iou(&one.rect) > SAME
    };
    let part = |one: &Object, other: &Object| {
        let inside = other.rect.intersection(&one.rect).area() / one.rect.area();
        inside >= INSIDE && one.score <= UNSURE * other.score
    };
    all.iter()
        .filter(|(one, label)| !all.iter().any(|(other, of)| double(one, other) || (label == of && part(one, other))))
        .map(|(object, _)| object.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(label: &str, x_min: f64, x_max: f64, score: f64) -> Found {
        Found { rect: Rect { x_min, y_min: 0.0, x_max, y_max: 10.0 }, label: label.into(), score: Some(score) }
    }

    fn kept(found: &[Found]) -> Vec<usize> {
        objects(found, Size { width: 100, height: 10 }, 0.3).iter().map(|object| object.index).collect()
    }

    #[test]
    fn doubles_are_one() {
        assert_eq!(
            kept(&[found("dog", 0.0, 50.0, 0.6), found("cat", 1.0, 50.0, 0.9), found("dog", 60.0, 90.0, 0.5)]),
            [1, 2]
        );
    }

    #[test]
    fn an_unsure_part_is_no_object() {
        let whole = found("person", 0.0, 50.0, 0.9);
        assert_eq!(kept(&[whole.clone(), found("person", 10.0, 20.0, 0.4)]), [0]);
        // As sure as that, or of another kind, or half outside: an object of its own.
        assert_eq!(kept(&[whole.clone(), found("person", 10.0, 20.0, 0.5)]), [0, 1]);
        assert_eq!(kept(&[whole.clone(), found("dog", 10.0, 20.0, 0.4)]), [0, 1]);
        assert_eq!(kept(&[whole, found("person", 45.0, 55.0, 0.4)]), [0, 1]);
    }
}
