//! The parts of a score, each from 0 to 100, and their weighted mean.
//!
//! The RESCue system's formula is 0.5 · VLM + 35 · minmax(CLIP) + 15 · mean pairwise IoU. Here, VLM is the weighted
//! mean of the rating, predicted IoU, geometry and four semantic scores. The original also has a boundary score in it;
//! its formula is not known, so it is missing here.
//!
//! If a part is missing, it is left out and the weights of the others are scaled up, so that the score stays between 0
//! and 100. A candidate without any part has no score.

use crate::Settings;
use rescue_plugin_sdk::Candidate;
use rescue_plugin_sdk::prelude::*;

/// The evidence for one candidate. `None` means that a value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// The model's rating, 0 to 100.
    pub rating: Option<f64>,
    /// The mean of the model's four semantic scores, 0 to 100.
    pub semantic: Option<f64>,
    /// The executor's predicted IoU, 0 to 1.
    pub predicted_iou: Option<f64>,
    /// The share of the image that the mask covers, 0 to 1.
    pub coverage: f64,
    /// The image-text similarity, scaled over all candidates to 0 to 1 (see [`minmax`]).
    pub similarity: Option<f64>,
    /// The mean IoU with the other candidates, 0 to 1.
    pub agreement: Option<f64>,
}

/// The score, 0 to 100; `None` if all parts with a weight are missing.
#[must_use]
pub fn score(evidence: &Evidence, settings: &Settings) -> Option<f64> {
    mean(&[
        (settings.vlm, vlm(evidence, settings)),
        (settings.clip, evidence.similarity.map(|share| share * 100.0)),
        (settings.consistency, evidence.agreement.map(|share| share * 100.0)),
    ])
}

/// The model's part, 0 to 100; `None` if all of its parts with a weight are missing.
#[must_use]
pub fn vlm(evidence: &Evidence, settings: &Settings) -> Option<f64> {
    mean(&[
        (settings.rating, evidence.rating),
        (settings.predicted_iou, evidence.predicted_iou.map(|share| share * 100.0)),
        (settings.geometry, Some(geometry(evidence.coverage))),
        (settings.semantic, evidence.semantic),
    ])
}

/// How likely a size is, by the formula of the RESCue system: `50 + (0.3 − |c − 0.3|) · 100`. It is 80 at 30 % of the
/// image and 10 at the whole image.
#[must_use]
pub fn geometry(coverage: f64) -> f64 {
    50.0 + (0.3 - (coverage - 0.3).abs()) * 100.0
}

/// The similarities of all candidates that have one, by id, scaled linearly so that the least is 0 and the greatest 1.
/// If all are equal, or there is only one, each is 0.5, which neither favours nor harms candidates that have none.
#[must_use]
pub fn minmax<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Vec<(u32, f64)> {
    let all: Vec<(u32, f64)> = candidates.filter_map(|c| Some((c.id, c.similarity?))).collect();
    let least = all.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    let most = all.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    let share = |value: f64| if most > least { (value - least) / (most - least) } else { 0.5 };
    all.into_iter().map(|(id, value)| (id, share(value))).collect()
}

/// The weighted mean of the parts that are there; `None` if there are none with a weight above 0.
fn mean(parts: &[(f64, Option<f64>)]) -> Option<f64> {
    let there = parts.iter().filter(|(weight, _)| *weight > 0.0).filter_map(|(weight, part)| Some((weight, (*part)?)));
    let (sum, weights) = there.fold((0.0, 0.0), |(sum, all), (weight, part)| (sum + weight * part, all + weight));
    (weights > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence {
        Evidence {
            rating: Some(75.0),
            semantic: Some(40.0),
            predicted_iou: Some(0.9),
            coverage: 0.2,
            similarity: Some(0.6),
            agreement: Some(0.4),
        }
    }

    fn close(one: Option<f64>, other: f64) {
        assert!((one.unwrap() - other).abs() < 1e-9, "{one:?} is not {other}");
    }

    #[test]
    fn scores_follow_the_original_formula() {
        close(score(&evidence(), &Settings::default()), 0.5 * 75.0 + 35.0 * 0.6 + 15.0 * 0.4);
        let all = Evidence { rating: Some(100.0), similarity: Some(1.0), agreement: Some(1.0), ..evidence() };
        close(score(&all, &Settings::default()), 100.0);
    }

    #[test]
    fn only_the_proportions_of_weights_matter() {
        let tenth = Settings { vlm: 5.0, clip: 3.5, consistency: 1.5, ..Settings::default() };
        close(score(&evidence(), &tenth), score(&evidence(), &Settings::default()).unwrap());
        let alone = Settings { vlm: 0.0, clip: 0.0, consistency: 0.1, ..Settings::default() };
        close(score(&evidence(), &alone), 40.0);
    }

    #[test]
    fn missing_parts_are_left_out() {
        let settings = Settings::default();
        let silent = Evidence { rating: None, ..evidence() };
        close(score(&silent, &settings), (35.0 * 60.0 + 15.0 * 40.0) / 50.0);
        close(score(&Evidence { similarity: None, ..evidence() }, &settings), (50.0 * 75.0 + 15.0 * 40.0) / 65.0);
        let none = Evidence { similarity: None, agreement: None, ..silent };
        assert_eq!(score(&none, &settings), None);
    }

    #[test]
    fn the_models_part_is_a_weighted_mean() {
        let settings =
            Settings { rating: 2.0, predicted_iou: 1.0, geometry: 1.0, semantic: 1.0, ..Settings::default() };
        close(vlm(&evidence(), &settings), (2.0 * 75.0 + 90.0 + 70.0 + 40.0) / 5.0);
        close(vlm(&Evidence { rating: None, semantic: None, ..evidence() }, &settings), f64::midpoint(90.0, 70.0));
        assert_eq!(vlm(&Evidence { rating: None, ..evidence() }, &Settings::default()), None);
    }

    #[test]
    fn sizes_score_as_in_the_original_formula() {
        for (coverage, expected) in [(0.0, 50.0), (0.1, 60.0), (0.3, 80.0), (0.5, 60.0), (1.0, 10.0)] {
            close(Some(geometry(coverage)), expected);
        }
    }
}
