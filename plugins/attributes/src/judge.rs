//! Turns features into a verdict.
//!
//! A contestant's logit is Σ weight · ln(value); its mean is e^(logit / Σ weight), the weighted geometric mean of its
//! features. The probability that any contestant fits is `logistic(slope · (best mean − even))`. The contestants share
//! it by the softmax of logit / temperature; the rest is the share of "none of these". A single contestant is accepted
//! with that probability.

use crate::Settings;
use crate::feature::{Feature, Kind};
use rescue_plugin_sdk::Verdict;
use rescue_plugin_sdk::math::{exp, ln, logistic, softmax};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::verifier::Judgement;

/// Lower values count as this, so that no feature alone rules a contestant out.
const MIN_VALUE: f64 = 0.02;

/// Judges the contestants. Abstains if no feature but plausibility is known.
#[must_use]
pub fn judge(features: &[Feature], settings: &Settings) -> Judgement {
    let weighed: Vec<(&Feature, f64)> = features
        .iter()
        .map(|feature| (feature, weight(feature.kind, settings)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    if weighed.iter().all(|(feature, _)| feature.kind == Kind::Plausibility) {
        return Judgement::Abstained(
            "no feature tells these candidates apart: nothing was measured or believed".to_owned(),
        );
    }
    let contestants = weighed.first().map_or(0, |(feature, _)| feature.values.len());
    let logits: Vec<f64> = (0..contestants)
        .map(|index| {
            weighed.iter().map(|(f, w)| w * ln(f.values.get(index).copied().unwrap_or(0.0).max(MIN_VALUE))).sum()
        })
        .collect();
    let total: f64 = weighed.iter().map(|(_, weight)| weight).sum();
    let best = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let any_fits = logistic(settings.slope * (exp(best / total) - settings.even));
    let scaled: Vec<f64> = logits.iter().map(|logit| logit / settings.temperature).collect();
    let shares: Vec<f64> = softmax(&scaled).into_iter().map(|share| share * any_fits).collect();
    Judgement::Verdict(Verdict {
        order: order(&shares),
        shares,
        why: why(&weighed, contestants),
        notes: vec![("fit".to_owned(), format!("{:.3}", exp(best / total)))],
    })
}

/// The positions of the contestants, best first; equal ones in the order shown.
fn order(shares: &[f64]) -> Vec<u32> {
    let mut order: Vec<(u32, f64)> = (0..).zip(shares.iter().copied()).collect();
    order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    order.into_iter().map(|(position, _)| position).collect()
}

/// The values of all features of each contestant, for people.
fn why(weighed: &[(&Feature, f64)], contestants: usize) -> String {
    let one = |index: usize| {
        let values: Vec<String> = weighed
            .iter()
            .map(|(feature, _)| format!("{} {:.2}", feature.name, feature.values.get(index).copied().unwrap_or(0.0)))
            .collect();
        format!("{}: {}", index + 1, values.join(", "))
    };
    (0..contestants).map(one).collect::<Vec<_>>().join("; ")
}

fn weight(kind: Kind, settings: &Settings) -> f64 {
    match kind {
        Kind::Colour => settings.colour,
        Kind::Place => settings.place,
        Kind::Size => settings.size,
        Kind::Number => settings.number,
        Kind::Confidence => settings.confidence,
        Kind::Detection => settings.detection,
        Kind::Quality => settings.quality,
        Kind::Bounds => settings.bounds,
        Kind::Plausibility => settings.plausibility,
    }
}
