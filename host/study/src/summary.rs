//! What came of all samples: `summary.json`, and the file in the form of the original system.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bootstrap::{Interval, interval};
use crate::choices::Rule;
use crate::metrics::{EmptyRule, Overlap, Scores, oracle, scores};
use crate::sample_scores::SampleScores;

/// The version of `summary.json`.
pub const FORM: u32 = 1;

/// What came of all samples. Everything but `failed` is of the samples with a result.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The version of this format.
    pub form: u32,
    /// The data set.
    pub dataset: String,
    /// Which truth it has.
    pub ground_truth: String,
    /// The IoU of two empty masks.
    pub empty: EmptyRule,
    /// Entries that can be used, with or without a result. Those that are neither in `samples` nor in `failed` were not searched yet.
    pub entries: usize,
    /// Entries with a result.
    pub samples: usize,
    /// Entries without one, by id, and why.
    pub failed: BTreeMap<String, String>,
    /// Results that are not complete.
    pub incomplete: usize,
    /// By the number of hypotheses.
    pub n: BTreeMap<u32, Row>,
    /// gIoU of the tournament over all hypotheses, by category and its value, with the number of entries.
    pub categories: BTreeMap<String, BTreeMap<String, (usize, f64)>>,
    /// Questions a sample, by service.
    pub questions: BTreeMap<String, f64>,
    /// Matches a sample.
    pub matches: f64,
    /// The share of matches in which the verifier abstained. `None` without a match.
    pub abstained: Option<f64>,
}

/// What came of one number of hypotheses.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The metrics of each rule's choices.
    pub rules: BTreeMap<Rule, Scores>,
    /// The mean IoU of the tournament's choices, with its interval over photos.
    pub giou: Interval,
    /// The mean over samples of the best IoU of one candidate, or of nothing.
    pub oracle: f64,
    /// The mean over samples of the candidates' mean IoU: what a random choice would have.
    pub random: f64,
    /// (chosen − random) ÷ (oracle − random): 1 is the best choice. `None` if there is nothing to choose.
    pub efficiency: Option<f64>,
    /// Samples with fewer candidates than hypotheses.
    pub short: usize,
}

/// Sums up. `failed` are the entries without a result. `None` if no entry has one.
pub fn sum_up(
    dataset: (&str, &str),
    entries: usize,
    empty: EmptyRule,
    samples: &[SampleScores],
    failed: BTreeMap<String, String>,
) -> Option<Summary> {
    let counts: Vec<u32> = samples.first()?.chosen.get(&Rule::Tournament)?.keys().copied().collect();
    let rows = counts.iter().filter_map(|n| Some((*n, row(samples, *n, empty)?)));
    let all = counts.last().copied()?;
    let mean = |of: &dyn Fn(&SampleScores) -> f64| samples.iter().map(of).sum::<f64>() / samples.len() as f64;
    let names = samples.first()?.questions.keys().cloned();
    let questions = names.map(|name| {
        let each = mean(&|sample| f64::from(sample.questions.get(&name).copied().unwrap_or_default()));
        (name, each)
    });
    let total = |of: fn(&SampleScores) -> u32| samples.iter().map(|sample| u64::from(of(sample))).sum::<u64>() as f64;
    let matches = total(|sample| sample.matches);
    Some(Summary {
        form: FORM,
        dataset: dataset.0.to_owned(),
        ground_truth: dataset.1.to_owned(),
        empty,
        entries,
        samples: samples.len(),
        failed,
        incomplete: samples.iter().filter(|sample| sample.state != "complete").count(),
        n: rows.collect(),
        categories: categories(samples, all, empty),
        questions: questions.collect(),
        matches: mean(&|sample| f64::from(sample.matches)),
        abstained: (matches > 0.0).then(|| total(|sample| sample.abstained) / matches),
    })
}

fn chosen(sample: &SampleScores, rule: Rule, n: u32) -> Option<Overlap> {
    sample.chosen.get(&rule)?.get(&n).copied()
}

fn row(samples: &[SampleScores], n: u32, empty: EmptyRule) -> Option<Row> {
    let of = |rule| samples.iter().filter_map(|sample| chosen(sample, rule, n)).collect::<Vec<Overlap>>();
    let rules = Rule::ALL.into_iter().filter_map(|rule| Some((rule, scores(&of(rule), empty)?)));
    let ious: Vec<(&str, f64)> = samples
        .iter()
        .filter_map(|sample| Some((sample.photo.as_str(), chosen(sample, Rule::Tournament, n)?.iou(empty))))
        .collect();
    let (mut best, mut mean, mut short) = (Vec::new(), Vec::new(), 0);
    for sample in samples {
        let own: Vec<(u32, f64)> = sample
            .candidates
            .iter()
            .filter(|(id, _)| **id < n)
            .map(|(id, overlap)| (*id, overlap.iou(empty)))
            .collect();
        short += usize::from(own.len() < n as usize);
        // To choose nothing has an IoU too.
        let nothing = sample.nothing.iou(empty);
        best.push(oracle(&own, n).map_or(nothing, |best| best.max(nothing)));
        mean.push(if own.is_empty() { nothing } else { sum(own.iter().map(|(_, iou)| *iou)) / own.len() as f64 });
    }
    let giou = interval(&ious)?;
    let (oracle, random) =
        (sum(best.iter().copied()) / best.len() as f64, sum(mean.iter().copied()) / mean.len() as f64);
    let room = oracle - random;
    let efficiency = (room > 1e-9).then(|| (giou.mean - random) / room);
    Some(Row { rules: rules.collect(), giou, oracle, random, efficiency, short })
}

/// A sum in the order of size, so that the order of the samples changes no digit.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.iter().sum()
}

fn categories(samples: &[SampleScores], n: u32, empty: EmptyRule) -> BTreeMap<String, BTreeMap<String, (usize, f64)>> {
    let mut ious: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for sample in samples {
        let iou = chosen(sample, Rule::Tournament, n).map(|overlap| overlap.iou(empty));
        for (name, value) in &sample.categories {
            ious.entry((name, value)).or_default().extend(iou);
        }
    }
    let mut categories: BTreeMap<String, BTreeMap<String, (usize, f64)>> = BTreeMap::new();
    for ((name, value), ious) in ious {
        let mean = sum(ious.iter().copied()) / ious.len() as f64;
        categories.entry(name.to_owned()).or_default().insert(value.to_owned(), (ious.len(), mean));
    }
    categories
}
