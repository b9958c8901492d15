//! What the detector found.

use rescue_plugin_sdk::chat::Found;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Rect, Size};

/// The score of a detection without one.
const UNSCORED: f64 = 0.5;
/// Two boxes with a higher IoU are one object.
const SAME: f64 = 0.85;

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

/// The detections that count: inside the image, scored high enough, no doubles; in the detector's order.
#[must_use]
pub fn objects(found: &[Found], image: Size, least_score: f64) -> Vec<Object> {
    let all: Vec<Object> = found
        .iter()
        .enumerate()
        .map(|(index, found)| Object {
            index,
            rect: found.rect.intersection(&image.rect()),
            score: found.score.unwrap_or(UNSCORED),
        })
        .filter(|object| object.score >= least_score && object.rect.area() > 0.0)
        .collect();
    let doubles = |one: &Object| {
        all.iter().any(|other| {
            let wins = other.score > one.score || (other.score >= one.score && other.index < one.index);
            wins && other.rect.iou(&one.rect) > SAME
        })
    };
    all.iter().filter(|one| !doubles(one)).cloned().collect()
}
