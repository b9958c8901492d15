//! The parts of a score, each from 0 to 100, and their sum.
//!
//! The RESCue system's formula is .5 · VLM + 35 · minmax(CLIP) + 15 · mean pairwise IoU. Its VLM has more parts than are known here;
//! this one is the weighted mean of those that are: the rating, predicted IoU, geometry and four semantic scores. The original also
//! has a boundary score, whose formula is not known and which is not here.
//!
//! A part that is missing is left out and the weights of the others are scaled up, so that the sum stays within 0 and 100. A candidate
//! with no part at all has no score.

use crate::Settings;
use rescue_plugin_sdk::Candidate;
use rescue_plugin_sdk::prelude::*;

/// What is known of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Known {
    /// The model's rating, 0 to 100.
    pub rating: Option<f64>,
    /// The mean of its four semantic scores, 0 to 100.
    pub semantic: Option<f64>,
    /// The executor's predicted IoU, 0 to 1.
    pub predicted_iou: Option<f64>,
    /// The share of the image that it covers, 0 to 1.
    pub coverage: f64,
    /// Its similarity among those of all candidates, 0 to 1.
    pub similarity: Option<f64>,
    /// Its mean IoU with the other candidates, 0 to 1.
    pub agreement: Option<f64>,
}

/// The score, 0 to 100; none where no part is there.
#[must_use]
pub fn score(known: &Known, settings: &Settings) -> Option<f64> {
    mean(&[
        (settings.vlm, vlm(known, settings)),
        (settings.clip, known.similarity.map(|share| share * 100.0)),
        (settings.consistency, known.agreement.map(|share| share * 100.0)),
    ])
}

/// The model's part, 0 to 100; none where nothing is known that counts in it.
#[must_use]
pub fn vlm(known: &Known, settings: &Settings) -> Option<f64> {
    mean(&[
        (settings.rating, known.rating),
        (settings.predicted_iou, known.predicted_iou.map(|share| share * 100.0)),
        (settings.geometry, Some(geometry(known.coverage))),
        (settings.semantic, known.semantic),
    ])
}

/// How likely a size is: the original's `50 + (.3 − |c − .3|) · 100`, which is 80 at three tenths of the image and 10 at all of it.
#[must_use]
pub fn geometry(coverage: f64) -> f64 {
    50.0 + (0.3 - (coverage - 0.3).abs()) * 100.0
}

/// The similarities of all candidates from 0, the least, to 1, the greatest. Where all are equal, or there is only one, they tell
/// nothing: each is .5, which neither favours nor harms those that have none.
#[must_use]
pub fn minmax<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Vec<(u32, f64)> {
    let all: Vec<(u32, f64)> = candidates.filter_map(|c| Some((c.id, c.similarity?))).collect();
    let least = all.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    let most = all.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    let share = |value: f64| if most > least { (value - least) / (most - least) } else { 0.5 };
    all.into_iter().map(|(id, value)| (id, share(value))).collect()
}

/// The mean of what is there, by weight.
fn mean(parts: &[(f64, Option<f64>)]) -> Option<f64> {
    let there = parts.iter().filter(|(weight, _)| *weight > 0.0).filter_map(|(weight, part)| Some((weight, (*part)?)));
    let (sum, weights) = there.fold((0.0, 0.0), |(sum, all), (weight, part)| (sum + weight * part, all + weight));
    (weights > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
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
    fn the_original_formula() {
        close(score(&known(), &Settings::default()), 0.5 * 75.0 + 35.0 * 0.6 + 15.0 * 0.4);
        let all = Known { rating: Some(100.0), similarity: Some(1.0), agreement: Some(1.0), ..known() };
        close(score(&all, &Settings::default()), 100.0);
    }

    #[test]
    fn only_the_proportions_of_weights_matter() {
        let tenth = Settings { vlm: 5.0, clip: 3.5, consistency: 1.5, ..Settings::default() };
        close(score(&known(), &tenth), score(&known(), &Settings::default()).unwrap());
        let alone = Settings { vlm: 0.0, clip: 0.0, consistency: 0.1, ..Settings::default() };
        close(score(&known(), &alone), 40.0);
    }

    #[test]
    fn what_is_missing_is_left_out() {
        let settings = Settings::default();
        let silent = Known { rating: None, ..known() };
        close(score(&silent, &settings), (35.0 * 60.0 + 15.0 * 40.0) / 50.0);
        close(score(&Known { similarity: None, ..known() }, &settings), (50.0 * 75.0 + 15.0 * 40.0) / 65.0);
        let none = Known { similarity: None, agreement: None, ..silent };
        assert_eq!(score(&none, &settings), None);
    }

    #[test]
    fn the_models_part_is_a_mean_of_its_own() {
        let settings =
            Settings { rating: 2.0, predicted_iou: 1.0, geometry: 1.0, semantic: 1.0, ..Settings::default() };
        close(vlm(&known(), &settings), (2.0 * 75.0 + 90.0 + 70.0 + 40.0) / 5.0);
        close(vlm(&Known { rating: None, semantic: None, ..known() }, &settings), f64::midpoint(90.0, 70.0));
        assert_eq!(vlm(&Known { rating: None, ..known() }, &Settings::default()), None);
    }

    #[test]
    fn sizes_score_as_in_the_original() {
        for (coverage, expected) in [(0.0, 50.0), (0.1, 60.0), (0.3, 80.0), (0.5, 60.0), (1.0, 10.0)] {
            close(Some(geometry(coverage)), expected);
        }
    }
}
