//! What came of all samples: `summary.json`.

use std::collections::BTreeMap;

use rescue_pipeline::{Questions, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baselines::Rule;
use crate::bootstrap::{Interval, interval};
use crate::difference::{Difference, correct, difference};
use crate::judge::Judge;
use crate::metrics::{EmptyRule, Overlap, Scores, oracle, scores};
use crate::sample_scores::{ChoiceScores, SampleScores, StrategyScores};

/// The version of `summary.json`.
pub const FORM: u32 = 3;

/// What came of all samples. Everything but `failed` is of the samples with a result.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Summary {
    /// The version of this format.
    pub form: u32,
    /// What was evaluated.
    #[serde(flatten)]
    pub context: Context,
    /// BLAKE3 over the ids, photos, sentences and truths of the samples.
    pub data: String,
    /// BLAKE3 over the samples' results, each of which names its plugins and the answers that it rests on.
    pub results: String,
    /// Searches with a result: of each entry as many as there are repeats. Those neither among them nor in `failed` were not made yet.
    pub samples: usize,
    /// Searches without one, by the id of the sample, and why.
    pub failed: BTreeMap<String, String>,
    /// Results that are not complete.
    pub incomplete: usize,
    /// What does not depend on a strategy, by the number of hypotheses.
    pub n: BTreeMap<u32, Row>,
    /// The strategies, the run's own first.
    pub strategies: Vec<StrategySummary>,
    /// The first strategy over all hypotheses, by category and its value.
    pub categories: BTreeMap<String, BTreeMap<String, Category>>,
    /// Different questions a sample for the first strategy's results, by service.
    pub questions: BTreeMap<String, f64>,
    /// The tokens a sample of these questions.
    pub tokens_in: f64,
    /// The tokens a sample of their answers.
    pub tokens_out: f64,
}

/// What came of the entries with one value of a category.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub struct Category {
    /// The number of entries.
    pub entries: usize,
    /// Their mean IoU.
    pub giou: f64,
}

/// What does not depend on a strategy, for one number of hypotheses.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Row {
    /// The mean over samples of the best IoU of one candidate, or of nothing.
    pub oracle: f64,
    /// The mean over samples of the candidates' mean IoU: what a random choice would have.
    pub random: f64,
    /// Samples with fewer candidates than hypotheses.
    pub short: usize,
    /// The metrics of each rule's choices.
    pub baselines: BTreeMap<Rule, Scores>,
}

/// What came of one strategy.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct StrategySummary {
    /// Its name.
    pub name: String,
    /// Whether it is there because every table has it.
    pub baseline: bool,
    /// By the number of hypotheses.
    pub n: BTreeMap<u32, StrategyRow>,
    /// How its verifier has judged.
    pub judge: Judge,
    /// The mean of the differences of IoU to the first strategy over all hypotheses. `None` for the first itself.
    pub difference: Option<Difference>,
    /// The mean IoU over all hypotheses of the entries' first searches, of their second ones, and so on; `None` unless all of their choices
    /// were made. Empty if each entry is searched once.
    pub by_repeat: Vec<Option<f64>>,
}

/// What came of one strategy with one number of hypotheses.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct StrategyRow {
    /// The choices of which the ranking knows the later hypotheses. `None` unless all were made.
    pub prefix: Option<Choices>,
    /// The choices that know the first hypotheses alone. `None` unless all were made.
    pub rerun: Option<Choices>,
    /// Samples whose choice was not made.
    pub unmade: usize,
    /// At least how many questions were to be asked for them.
    pub needs: usize,
    /// Samples whose choice was not made because a plugin or a service failed.
    pub failed: usize,
    /// How it failed the first time. `None` if none did.
    pub why: Option<String>,
    /// Choices that were made and are not complete.
    pub incomplete: usize,
    /// What the choices that were made have cost, a sample.
    pub cost: MeanCost,
}

/// The metrics of choices.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Choices {
    /// The mean IoU, with its interval over photos.
    pub giou: Interval,
    /// All metrics.
    pub scores: Scores,
    /// (chosen − random) ÷ (oracle − random): 1 is the best choice. `None` if there is nothing to choose.
    pub efficiency: Option<f64>,
}

/// What choices have cost a sample: the questions of the scorer and the verifier.
#[derive(Clone, Copy, Debug, Default, JsonSchema, Serialize)]
pub struct MeanCost {
    /// Different questions.
    pub questions: f64,
    /// Matches.
    pub matches: f64,
    /// Masks shown in the questions.
    pub masks_shown: f64,
    /// Tokens of the questions.
    pub tokens_in: f64,
    /// Tokens of the answers.
    pub tokens_out: f64,
    /// The share of matches in which the verifier abstained. `None` without a match.
    pub abstained: Option<f64>,
    /// The share of matches that lacked an answer.
    pub failed: Option<f64>,
}

/// What is evaluated.
#[derive(Clone, Debug, JsonSchema, Serialize, Deserialize)]
pub struct Context {
    /// The data set.
    pub dataset: String,
    /// Which truth it has.
    pub ground_truth: String,
    /// The IoU of two empty masks.
    pub empty: EmptyRule,
    /// Entries that can be used.
    pub entries: usize,
    /// How often each is searched, each time with another seed.
    pub repeats: u32,
}

impl Context {
    /// How many searches there are, and what they are called: entries, if each is searched once.
    pub fn searches(&self) -> (usize, &'static str) {
        let count = self.entries.saturating_mul(self.repeats as usize);
        (count, if self.repeats > 1 { "searches" } else { "entries" })
    }
}

/// Sums up. `failed` are the entries without a result. `None` if no entry has one.
pub fn sum_up(context: &Context, samples: &[SampleScores], failed: BTreeMap<String, String>) -> Option<Summary> {
    let first = samples.first()?;
    let (all, empty) = (first.n, context.empty);
    let counts: Vec<u32> = first.baselines.values().next()?.keys().copied().collect();
    let n: BTreeMap<u32, Row> = counts.iter().map(|n| (*n, row(samples, *n, empty))).collect();
    let mut strategies: Vec<StrategySummary> = Vec::new();
    for place in 0..first.strategies.len() {
        strategies.push(strategy(context, samples, place, &n)?);
    }
    correct(strategies.iter_mut().filter_map(|of| of.difference.as_mut()));
    let mean = |of: &dyn Fn(&SampleScores) -> f64| sum(samples.iter().map(of)) / samples.len() as f64;
    Some(Summary {
        form: FORM,
        context: context.clone(),
        data: digest(samples, |sample| [&sample.id, &sample.photo, &sample.truth]),
        results: digest(samples, |sample| [&sample.id, &sample.result, &sample.plan]),
        samples: samples.len(),
        failed,
        incomplete: samples.iter().filter(|sample| sample.state != State::Complete).count(),
        n,
        strategies,
        categories: categories(samples, all, empty),
        questions: questions(samples),
        tokens_in: mean(&|one| one.tokens.tokens_in as f64),
        tokens_out: mean(&|one| one.tokens.tokens_out as f64),
    })
}

fn digest<'a>(samples: &'a [SampleScores], of: impl Fn(&'a SampleScores) -> [&'a String; 3]) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in samples.iter().flat_map(of) {
        hasher.update(text.as_bytes()).update(b"\n");
    }
    hasher.finalize().to_hex().to_string()
}

/// Different questions a sample, by service.
fn questions(samples: &[SampleScores]) -> BTreeMap<String, f64> {
    let mut totals: BTreeMap<String, f64> = BTreeMap::new();
    for sample in samples {
        for (name, count) in named(&sample.questions) {
            *totals.entry(name.to_owned()).or_default() += f64::from(count);
        }
    }
    totals.values_mut().for_each(|total| *total /= samples.len() as f64);
    totals
}

/// Questions with the names of their services.
pub fn named(questions: &Questions) -> [(&'static str, u32); 5] {
    let Questions { plan, detect, segment, clip, verify } = questions;
    [("plan", *plan), ("detect", *detect), ("segment", *segment), ("clip", *clip), ("verify", *verify)]
}

/// What does not depend on a strategy.
fn row(samples: &[SampleScores], n: u32, empty: EmptyRule) -> Row {
    let of = |rule| -> Vec<Overlap> {
        samples.iter().filter_map(|sample| sample.baselines.get(&rule)?.get(&n).copied()).collect()
    };
    let baselines = Rule::ALL.into_iter().filter_map(|rule| Some((rule, scores(&of(rule), empty)?))).collect();
    let each: Vec<(f64, f64)> = samples.iter().map(|sample| best_and_mean(sample, n, empty)).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| sum(each.iter().map(of)) / each.len() as f64;
    let short = |sample: &&SampleScores| sample.candidates.range(..n).count() < n as usize;
    let (oracle, random) = (mean(|one| one.0), mean(|one| one.1));
    Row { oracle, random, short: samples.iter().filter(short).count(), baselines }
}

/// The best IoU of one of the first candidates or of nothing, and the mean IoU of these candidates.
pub fn best_and_mean(sample: &SampleScores, n: u32, empty: EmptyRule) -> (f64, f64) {
    let own: Vec<(u32, f64)> = sample.candidates.range(..n).map(|(id, overlap)| (*id, overlap.iou(empty))).collect();
    // To choose nothing has an IoU too.
    let nothing = sample.nothing.iou(empty);
    let best = oracle(&own, n).map_or(nothing, |best| best.max(nothing));
    let mean = if own.is_empty() { nothing } else { sum(own.iter().map(|(_, iou)| *iou)) / own.len() as f64 };
    (best, mean)
}

fn strategy(
    context: &Context,
    samples: &[SampleScores],
    place: usize,
    rows: &BTreeMap<u32, Row>,
) -> Option<StrategySummary> {
    let empty = context.empty;
    let own: Vec<(&SampleScores, &StrategyScores)> =
        samples.iter().filter_map(|sample| Some((sample, sample.strategies.get(place)?))).collect();
    let (_, first) = own.first()?;
    let mut n = BTreeMap::new();
    for (count, common) in rows {
        let choices: Vec<(&str, &ChoiceScores)> =
            own.iter().filter_map(|(sample, of)| Some((sample.photo.as_str(), of.n.get(count)?))).collect();
        n.insert(*count, strategy_row(&choices, common, empty)?);
    }
    let iou = |sample: &SampleScores, place: usize| -> Option<f64> {
        Some(sample.strategies.get(place)?.n.get(&sample.n)?.rerun?.iou(empty))
    };
    let pairs =
        samples.iter().filter_map(|sample| Some((sample.photo.as_str(), iou(sample, place)? - iou(sample, 0)?)));
    let pairs: Vec<(&str, f64)> = if place == 0 { Vec::new() } else { pairs.collect() };
    Some(StrategySummary {
        name: first.name.clone(),
        baseline: first.baseline,
        n,
        judge: Judge::of(own.iter().map(|(_, of)| of.matches.as_slice())),
        difference: difference(&pairs),
        by_repeat: by_repeat(context.repeats, samples, |sample| iou(sample, place)),
    })
}

/// The mean of a value of the entries' first searches, of their second ones, and so on; `None` if one lacks it or there are none. Empty if each
/// entry is searched once.
fn by_repeat(repeats: u32, samples: &[SampleScores], of: impl Fn(&SampleScores) -> Option<f64>) -> Vec<Option<f64>> {
    if repeats < 2 {
        return Vec::new();
    }
    let mean = |repeat| {
        let own = samples.iter().filter(|sample| sample.repeat == repeat);
        let values: Vec<f64> = own.map(&of).collect::<Option<_>>()?;
        (!values.is_empty()).then(|| sum(values.iter().copied()) / values.len() as f64)
    };
    (1..=repeats).map(mean).collect()
}

fn strategy_row(choices: &[(&str, &ChoiceScores)], common: &Row, empty: EmptyRule) -> Option<StrategyRow> {
    let metrics = |overlaps: Vec<(&str, Overlap)>| -> Option<Choices> {
        let ious: Vec<(&str, f64)> = overlaps.iter().map(|(photo, of)| (*photo, of.iou(empty))).collect();
        let all: Vec<Overlap> = overlaps.into_iter().map(|(_, overlap)| overlap).collect();
        let giou = interval(&ious)?;
        let room = common.oracle - common.random;
        let efficiency = (room > 1e-9).then(|| (giou.mean - common.random) / room);
        Some(Choices { giou, scores: scores(&all, empty)?, efficiency })
    };
    let prefix: Option<Vec<(&str, Overlap)>> =
        choices.iter().map(|(photo, choice)| Some((*photo, choice.prefix?))).collect();
    let failed = || choices.iter().filter(|(_, choice)| !choice.why.is_empty());
    let made: Vec<(&str, Overlap)> =
        choices.iter().filter_map(|(photo, choice)| Some((*photo, choice.rerun?))).collect();
    let unmade = choices.len() - made.len();
    let is_incomplete = |choice: &ChoiceScores| choice.state.is_some_and(|state| state != State::Complete);
    Some(StrategyRow {
        prefix: prefix.and_then(metrics),
        failed: failed().count(),
        why: failed().next().map(|(_, choice)| choice.why.clone()),
        unmade,
        rerun: if unmade == 0 { metrics(made) } else { None },
        needs: choices.iter().map(|(_, choice)| choice.needs).sum(),
        incomplete: choices.iter().filter(|(_, choice)| is_incomplete(choice)).count(),
        cost: MeanCost::of(choices.iter().map(|(_, choice)| *choice)).unwrap_or_default(),
    })
}

impl MeanCost {
    /// What these choices have cost, those that were not made left out. `None` if none was made.
    pub fn of<'a>(choices: impl Iterator<Item = &'a ChoiceScores>) -> Option<Self> {
        let made: Vec<&ChoiceScores> = choices.filter(|choice| choice.rerun.is_some()).collect();
        if made.is_empty() {
            return None;
        }
        let total =
            |of: fn(&ChoiceScores) -> u64| made.iter().fold(0_u64, |sum, one| sum.saturating_add(of(one))) as f64;
        let mean = |of| total(of) / made.len() as f64;
        let matches = total(|choice| choice.matches.matches.into());
        let share = |part: f64| (matches > 0.0).then(|| part / matches);
        Some(Self {
            questions: mean(|choice| choice.cost.questions.into()),
            matches: mean(|choice| choice.matches.matches.into()),
            masks_shown: mean(|choice| choice.cost.masks_shown.into()),
            tokens_in: mean(|choice| choice.cost.tokens.tokens_in),
            tokens_out: mean(|choice| choice.cost.tokens.tokens_out),
            abstained: share(total(|choice| choice.matches.abstained.into())),
            failed: share(total(|choice| choice.matches.failed.into())),
        })
    }
}

/// A sum in the order of size, so that the order of the samples changes no digit.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.iter().sum()
}

fn categories(samples: &[SampleScores], n: u32, empty: EmptyRule) -> BTreeMap<String, BTreeMap<String, Category>> {
    let mut ious: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for sample in samples {
        let own = sample.strategies.first().and_then(|own| own.n.get(&n)?.rerun);
        for (name, value) in &sample.categories {
            ious.entry((name, value)).or_default().extend(own.map(|overlap| overlap.iou(empty)));
        }
    }
    let mut categories: BTreeMap<String, BTreeMap<String, Category>> = BTreeMap::new();
    for ((name, value), ious) in ious.into_iter().filter(|(_, ious)| !ious.is_empty()) {
        let giou = sum(ious.iter().copied()) / ious.len() as f64;
        let category = Category { entries: ious.len(), giou };
        categories.entry(name.to_owned()).or_default().insert(value.to_owned(), category);
    }
    categories
}

impl Summary {
    /// The first strategy's choices among all hypotheses, and what does not depend on it.
    pub fn own(&self) -> Option<(&Choices, &Row)> {
        let (n, row) = self.n.last_key_value()?;
        Some((self.strategies.first()?.n.get(n)?.rerun.as_ref()?, row))
    }
}
