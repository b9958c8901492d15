//! Decodes the network's outputs to detections.

use rescue_core::{Detection, Rect, Size};

use super::labels::LABELS;

/// Detections with a lower score are dropped. So low a score does not say that a thing is there, but it may tell that it is not certain
/// to be absent. It is part of the model's identity.
pub(super) const MIN_SCORE: f32 = 0.07;
/// Of two boxes of one class whose IoU is higher than this, only the one with the higher score is kept.
const MAX_IOU: f64 = 0.5;
/// The most detections in a photo. Those with the highest scores are kept.
const MAX_DETECTIONS: usize = 100;
/// The number of scores of a box: the first is that of the background, the others are those of the COCO classes 1 to 90.
const CLASSES: usize = 91;
/// The scale of encoded centres.
const CENTRE_SCALE: f32 = 0.1;
/// The scale of the logarithms of encoded sizes.
const SIZE_SCALE: f32 = 0.2;

/// Returns the detections in a photo of this size by descending score; equal scores by class number, then by box number.
///
/// For every anchor (top, left, bottom, right, from 0 to 1 of the photo) `encoded` has 4 numbers (centre y, centre x, height, width,
/// relative to the anchor) and `scores` has 91.
pub(crate) fn detections(encoded: &[f32], scores: &[f32], anchors: &[f32], photo: Size) -> Vec<Detection> {
    let (anchors, _) = anchors.as_chunks::<4>();
    let (encoded, _) = encoded.as_chunks::<4>();
    let (scores, _) = scores.as_chunks::<CLASSES>();
    let mut kept: Vec<(f32, Detection)> = Vec::new();
    for (class, label) in LABELS {
        let mut found: Vec<(f32, usize)> = scores
            .iter()
            .enumerate()
            .filter_map(|(at, scores)| scores.get(class).filter(|score| **score >= MIN_SCORE).map(|score| (*score, at)))
            .collect();
        // The sort is stable: boxes with equal scores keep their order.
        found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let first = kept.len();
        for (score, at) in found {
            let (Some(encoded), Some(anchor)) = (encoded.get(at), anchors.get(at)) else { continue };
            let Some(rect) = decode(encoded, anchor, photo).clip(photo) else { continue };
            if kept.iter().skip(first).all(|(_, other)| other.rect.iou(rect) <= MAX_IOU) {
                kept.push((score, Detection { rect, label: label.to_owned(), score: f64::from(score) }));
            }
        }
    }
    kept.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    kept.into_iter().take(MAX_DETECTIONS).map(|(_, detection)| detection).collect()
}

/// The box, in pixels of the photo, that is encoded relative to an anchor.
fn decode(encoded: &[f32; 4], anchor: &[f32; 4], photo: Size) -> Rect {
    let [top, left, bottom, right] = *anchor;
    let (height, width) = (bottom - top, right - left);
    let [y, x, log_height, log_width] = *encoded;
    let (y, x) = (y * CENTRE_SCALE, x * CENTRE_SCALE);
    let (log_height, log_width) = (log_height * SIZE_SCALE, log_width * SIZE_SCALE);
    let (centre_y, centre_x) = (y * height + (top + bottom) / 2.0, x * width + (left + right) / 2.0);
    let (half_height, half_width) = (log_height.exp() * height / 2.0, log_width.exp() * width / 2.0);
    let to_x = |part: f32| f64::from(part) * f64::from(photo.width);
    let to_y = |part: f32| f64::from(part) * f64::from(photo.height);
    Rect {
        x_min: to_x(centre_x - half_width),
        y_min: to_y(centre_y - half_height),
        x_max: to_x(centre_x + half_width),
        y_max: to_y(centre_y + half_height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of this many boxes that are 0 but for `nonzero`: box, class, score.
    fn scores(boxes: usize, nonzero: &[(usize, usize, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; boxes * CLASSES];
        for (at, class, score) in nonzero {
            scores[at * CLASSES + class] = *score;
        }
        scores
    }

    fn summary(found: &[Detection]) -> Vec<(&str, f64, f64)> {
        found.iter().map(|found| (found.label.as_str(), found.score, found.rect.x_min)).collect()
    }

    #[test]
    fn of_overlapping_boxes_of_a_class_one_is_kept() {
        let anchors =
            [[0.0, 0.0, 1.0, 0.5], [0.0, 0.05, 1.0, 0.55], [0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 1.0, 0.5]].concat();
        let nonzero = [(0, 1, 0.5), (1, 1, 0.75), (2, 1, 0.5), (3, 1, 0.5), (0, 3, 0.5), (2, 18, 0.0625), (2, 12, 0.9)];
        let found = detections(&[0.0; 16], &scores(4, &nonzero), &anchors, Size::new(100, 10));
        let x_min = f64::from(0.05_f32 + 0.0) * 100.0;
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(summary(&found)[1..], [("person", 0.5, 50.0), ("car", 0.5, 0.0)]);
        assert!((found[0].rect.x_min - x_min).abs() < 1e-4 && found[0].score == 0.75);
    }

    #[test]
    fn boxes_are_decoded_and_clipped() {
        let encoded = [10.0, 0.0, 0.0, 5.0 * std::f32::consts::LN_2];
        let found = detections(&encoded, &scores(1, &[(0, 1, 1.0)]), &[0.25, 0.25, 0.75, 0.75], Size::new(40, 20));
        let rect = found[0].rect;
        assert!((rect.x_min - 0.0).abs() < 1e-4 && (rect.x_max - 40.0).abs() < 1e-4, "twice as wide: {rect:?}");
        assert!((rect.y_min - 15.0).abs() < 1e-4 && rect.y_max == 20.0, "moved down by its height: {rect:?}");
    }
}
