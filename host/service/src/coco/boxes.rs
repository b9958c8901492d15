//! From the network's numbers to detections.

use rescue_core::{Detection, Rect, Size};

use super::labels::LABELS;

/// Detections with a lower score are dropped.
const SCORE: f32 = 0.25;
/// Of two boxes of the same kind that overlap more than this, the surer one is kept.
const OVERLAP: f64 = 0.5;
/// At most so many detections are kept, the surest.
const MOST: usize = 100;
/// Scores per box: one for each number in COCO, and the first for "nothing".
const CLASSES: usize = 91;
/// What encoded positions are multiplied with.
const NEAR: f32 = 0.1;
/// What encoded sizes are multiplied with.
const LARGE: f32 = 0.2;

/// The detections in a photo of this size, the surest first, then by number of the kind, then by number of the box.
///
/// For every anchor (top, left, bottom, right, as parts of the photo) there are 4 numbers in `encoded` (y, x, height, width,
/// relative to it) and 91 in `scores`.
pub(crate) fn detections(encoded: &[f32], scores: &[f32], anchors: &[f32], photo: Size) -> Vec<Detection> {
    let (anchors, _) = anchors.as_chunks::<4>();
    let (encoded, _) = encoded.as_chunks::<4>();
    let (scores, _) = scores.as_chunks::<CLASSES>();
    let mut kept: Vec<(f32, usize, Detection)> = Vec::new();
    for (class, label) in LABELS {
        let mut found: Vec<(f32, usize)> = scores
            .iter()
            .enumerate()
            .filter_map(|(at, scores)| scores.get(class).filter(|score| **score >= SCORE).map(|score| (*score, at)))
            .collect();
        // The sort is stable: equal scores stay in the order of the boxes.
        found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let first = kept.len();
        for (score, at) in found {
            let (Some(encoded), Some(anchor)) = (encoded.get(at), anchors.get(at)) else { continue };
            let Some(rect) = decoded(encoded, anchor, photo).clip(photo) else { continue };
            if kept.iter().skip(first).all(|(_, _, other)| other.rect.iou(rect) <= OVERLAP) {
                kept.push((score, at, Detection { rect, label: label.to_owned(), score: f64::from(score) }));
            }
        }
    }
    kept.sort_by(|(one, _, _), (other, _, _)| other.total_cmp(one));
    kept.into_iter().take(MOST).map(|(_, _, detection)| detection).collect()
}

fn decoded(encoded: &[f32; 4], anchor: &[f32; 4], photo: Size) -> Rect {
    let [top, left, bottom, right] = *anchor;
    let (height, width) = (bottom - top, right - left);
    let [y, x, high, wide] = *encoded;
    let (y, x, high, wide) = (y * NEAR, x * NEAR, high * LARGE, wide * LARGE);
    let (centre_y, centre_x) = (y * height + (top + bottom) / 2.0, x * width + (left + right) / 2.0);
    let (half_height, half_width) = (high.exp() * height / 2.0, wide.exp() * width / 2.0);
    let across = |part: f32| f64::from(part) * f64::from(photo.width);
    let down = |part: f32| f64::from(part) * f64::from(photo.height);
    Rect {
        x_min: across(centre_x - half_width),
        y_min: down(centre_y - half_height),
        x_max: across(centre_x + half_width),
        y_max: down(centre_y + half_height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores with these set: box, class, score.
    fn scores(boxes: usize, set: &[(usize, usize, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; boxes * CLASSES];
        for (at, class, score) in set {
            scores[at * CLASSES + class] = *score;
        }
        scores
    }

    fn summary(found: &[Detection]) -> Vec<(&str, f64, f64)> {
        found.iter().map(|found| (found.label.as_str(), found.score, found.rect.x_min)).collect()
    }

    #[test]
    fn overlapping_boxes_of_a_kind_are_one() {
        let anchors =
            [[0.0, 0.0, 1.0, 0.5], [0.0, 0.05, 1.0, 0.55], [0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 1.0, 0.5]].concat();
        let set = [(0, 1, 0.5), (1, 1, 0.75), (2, 1, 0.5), (3, 1, 0.5), (0, 3, 0.5), (2, 18, 0.125), (2, 12, 0.9)];
        let found = detections(&[0.0; 16], &scores(4, &set), &anchors, Size::new(100, 10));
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
