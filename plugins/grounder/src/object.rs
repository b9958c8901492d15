//! Objects: the detections that count.

use rescue_plugin_sdk::chat::Found;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Rect, Size};

/// The score of a detection that has none.
const DEFAULT_SCORE: f64 = 0.5;
/// A box of which this share lies in one that the detector is sure of is that of the same object, taken for another, …
const SAME: f64 = 0.7;
/// … unless it has less than this share of that one's area.
const SMALL: f64 = 0.15;
/// Two boxes with a higher IoU are the same object.
const DUPLICATE_IOU: f64 = 0.85;

/// A box is a part of another (a head of a person) if both have the same label, at least this share of its area lies
/// inside the other, …
const PART_INSIDE: f64 = 0.8;
/// … and its score is at most this share of the other's score.
const PART_SCORE: f64 = 0.5;

/// A detected object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its index in the detector's answer.
    pub index: usize,
    /// Its box, in pixels.
    pub rect: Rect,
    /// The detector's score, from 0 to 1.
    pub score: f64,
}

/// The detections that count, in the detector's order: those that lie in the image and score at least `least_score`,
/// without duplicates and without parts of others.
#[must_use]
pub fn objects(found: &[Found], image: Size, least_score: f64) -> Vec<Object> {
    let all: Vec<(Object, &str)> = found
        .iter()
        .enumerate()
        .map(|(index, found)| {
            let rect = found.rect.intersection(&image.rect());
            (Object { index, rect, score: found.score.unwrap_or(DEFAULT_SCORE) }, found.label.as_str())
        })
        .filter(|(object, _)| object.score >= least_score && object.rect.area() > 0.0)
        .collect();
    let duplicate = |one: &Object, other: &Object| {
        let wins = other.score > one.score || (other.score >= one.score && other.index < one.index);
        wins && other.rect.iou(&one.rect) > DUPLICATE_IOU
    };
    let part = |one: &Object, other: &Object| {
        let inside = other.rect.intersection(&one.rect).area() / one.rect.area();
        inside >= PART_INSIDE && one.score <= PART_SCORE * other.score
    };
    all.iter()
        .filter(|(one, label)| {
            !all.iter().any(|(other, of)| duplicate(one, other) || (label == of && part(one, other)))
        })
        .map(|(object, _)| object.clone())
        .collect()
}

/// Whether the detector may have seen a thing, however unsure: one of its boxes is not also that of something that it is sure of.
#[must_use]
pub fn is_suspected(found: &[Found], sure: &[Object]) -> bool {
    let is_other = |found: &Found, object: &Object| {
        let (area, own) = (found.rect.area(), object.rect.area());
        let inside = object.rect.intersection(&found.rect).area();
        // Something small on or in front of a thing is not that thing.
        inside < SAME * area || area < SMALL * own
    };
    found.iter().any(|found| sure.iter().all(|object| is_other(found, object)))
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
    fn duplicates_become_one_object() {
        assert_eq!(
            kept(&[found("dog", 0.0, 50.0, 0.6), found("cat", 1.0, 50.0, 0.9), found("dog", 60.0, 90.0, 0.5)]),
            [1, 2]
        );
    }

    #[test]
    fn a_part_with_a_low_score_is_dropped() {
        let whole = found("person", 0.0, 50.0, 0.9);
        assert_eq!(kept(&[whole.clone(), found("person", 10.0, 20.0, 0.4)]), [0]);
        // With a higher score, another label, or half of it outside, it is an object of its own.
        assert_eq!(kept(&[whole.clone(), found("person", 10.0, 20.0, 0.5)]), [0, 1]);
        assert_eq!(kept(&[whole.clone(), found("dog", 10.0, 20.0, 0.4)]), [0, 1]);
        assert_eq!(kept(&[whole, found("person", 45.0, 55.0, 0.4)]), [0, 1]);
    }
}
