//! Compares evaluations of the same entries: paired differences with their intervals, and what each has cost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::bootstrap::{Interval, interval, p_of_signs};
use crate::choices::Rule;
use crate::metrics::EmptyRule;
use crate::sample_scores::SampleScores;

/// Evaluations that cannot be compared, or one that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", folder.display())]
pub struct CompareError {
    /// The folder of the evaluation.
    pub folder: PathBuf,
    /// Why.
    pub cause: String,
}

/// An evaluation, as its folder has it.
struct Evaluated {
    folder: PathBuf,
    dataset: String,
    ground_truth: String,
    empty: EmptyRule,
    samples: BTreeMap<String, SampleScores>,
    cost: Cost,
}

/// What an evaluation has cost, a sample. The tokens and slot-seconds are those of the last call of the program; answers that the ledger had
/// cost none.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cost {
    /// Different questions, whether or not their answers were known.
    pub questions: f64,
    /// Matches.
    pub matches: f64,
    /// Tokens of questions and answers.
    pub tokens: f64,
    /// Slot-seconds.
    pub slot_seconds: f64,
}

/// One evaluation beside the first.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// Its folder.
    pub run: PathBuf,
    /// Its mean IoU over the entries that both have.
    pub giou: f64,
    /// The mean of the differences of IoU to the first evaluation. `None` for the first itself.
    pub difference: Option<Difference>,
    /// What it has cost.
    pub cost: Cost,
}

/// A paired difference.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Difference {
    /// The mean and its 95 % interval over photos.
    pub mean: Interval,
    /// How likely such a difference would be if each photo's had either sign by chance, corrected for the number of comparisons (Holm).
    pub p: f64,
    /// Entries in which it is better, equal and worse.
    pub better_equal_worse: (usize, usize, usize),
    /// About how many entries would tell such a difference from none. `None` if it is told already, or there is none.
    pub needed: Option<usize>,
}

/// Compares evaluations with the first of them, for this number of hypotheses; `None` takes all.
///
/// # Errors
///
/// Returns an error if one cannot be read, or is of other data, another truth or another rule than the first.
pub fn compare(folders: &[PathBuf], n: Option<u32>) -> Result<Vec<Compared>, CompareError> {
    let runs = folders.iter().map(|folder| Evaluated::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = runs.first() else { return Ok(Vec::new()) };
    let mut compared = Vec::new();
    for run in &runs {
        run.check(first)?;
        let (mut ious, mut differences) = (Vec::new(), Vec::new());
        for (id, sample) in &run.samples {
            let other = first
                .samples
                .get(id)
                .ok_or_else(|| run.error(format!("{} has no result of {id}", first.folder.display())))?;
            let (own, other) = (run.iou(sample, n)?, first.iou(other, n)?);
            ious.push(own);
            differences.push((sample.photo.as_str(), own - other));
        }
        ious.sort_by(f64::total_cmp);
        let giou = ious.iter().sum::<f64>() / ious.len().max(1) as f64;
        let difference = (!std::ptr::eq(run, first)).then(|| difference(&differences)).flatten();
        compared.push(Compared { run: run.folder.clone(), giou, difference, cost: run.cost });
    }
    correct(&mut compared);
    Ok(compared)
}

fn difference(values: &[(&str, f64)]) -> Option<Difference> {
    let mean = interval(values)?;
    let count = |is_so: fn(f64) -> bool| values.iter().filter(|(_, value)| is_so(*value)).count();
    let better_equal_worse = (count(|value| value > 0.0), count(|value| value == 0.0), count(|value| value < 0.0));
    // An interval narrows with the root of the number of entries: so many would bring its end to 0.
    let end = if mean.mean > 0.0 { mean.mean - mean.low } else { mean.high - mean.mean };
    let needed = values.len() as f64 * (end / mean.mean).powi(2);
    let needed = (mean.mean.abs() > 1e-9 && needed > values.len() as f64).then_some(needed.ceil() as usize);
    Some(Difference { mean, p: p_of_signs(values)?, better_equal_worse, needed })
}

/// Holm's correction: the smallest p counts as many times as there are comparisons, the next one time less, and none less than one before.
fn correct(compared: &mut [Compared]) {
    let mut all: Vec<&mut Difference> = compared.iter_mut().filter_map(|one| one.difference.as_mut()).collect();
    all.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (count, mut last) = (all.len(), 0.0_f64);
    for (place, one) in all.into_iter().enumerate() {
        one.p = (one.p * (count - place) as f64).min(1.0).max(last);
        last = one.p;
    }
}

impl Evaluated {
    fn read(folder: &Path) -> Result<Self, CompareError> {
        let error = |cause: String| CompareError { folder: folder.to_owned(), cause };
        let json = |name: &str| -> Result<Value, CompareError> {
            let bytes = std::fs::read(folder.join(name))
                .map_err(|cause| error(format!("{name}: {cause}; is it the folder of an eval?")))?;
            serde_json::from_slice(&bytes).map_err(|cause| error(format!("{name}: {cause}")))
        };
        let (summary, timings) = (json("summary.json")?, json("timings.json")?);
        let text = |name: &str| {
            let text = summary.get(name).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| error(format!("summary.json has no {name:?}")))
        };
        let empty = serde_json::from_value(summary.get("empty").cloned().unwrap_or_default());
        let mut samples = BTreeMap::new();
        let all = std::fs::read_dir(folder.join("samples")).map_err(|cause| error(format!("samples: {cause}")))?;
        let failed = |id: &str| summary.get("failed").and_then(|failed| failed.get(id)).is_some();
        for scores in all.flatten().filter_map(|sample| SampleScores::read(&sample.path())) {
            if !failed(&scores.id) {
                samples.insert(scores.id.clone(), scores);
            }
        }
        if summary.get("samples").and_then(Value::as_u64) != Some(samples.len() as u64) {
            let cause =
                format!("samples has {} scores, and summary.json says otherwise; evaluate it again", samples.len());
            return Err(error(cause));
        }
        let count = samples.len().max(1) as f64;
        let services = timings.get("accounts").and_then(Value::as_object);
        let services = services.ok_or_else(|| error("timings.json has no \"accounts\"".into()))?;
        let spent = |name: &str| {
            let each = services.iter().filter_map(|(_, account)| account.get(name)?.as_f64());
            each.sum::<f64>() / count
        };
        let cost = Cost {
            questions: samples
                .values()
                .flat_map(|sample| sample.questions.values())
                .map(|count| f64::from(*count))
                .sum::<f64>()
                / count,
            matches: samples.values().map(|sample| f64::from(sample.matches)).sum::<f64>() / count,
            tokens: spent("tokens_in") + spent("tokens_out"),
            slot_seconds: spent("slot_seconds"),
        };
        Ok(Self {
            folder: folder.to_owned(),
            dataset: text("dataset")?,
            ground_truth: text("ground_truth")?,
            empty: empty.map_err(|cause| error(format!("summary.json: {cause}")))?,
            samples,
            cost,
        })
    }

    fn error(&self, cause: String) -> CompareError {
        CompareError { folder: self.folder.clone(), cause }
    }

    /// Fails if this evaluation and the first are not of the same entries, truth and rule.
    fn check(&self, first: &Self) -> Result<(), CompareError> {
        let other = first.folder.display();
        let differ = |what: &str, own: &str, others: &str| {
            Err(self.error(format!("its {what} is {own:?}, and that of {other} is {others:?}")))
        };
        if self.dataset != first.dataset {
            return differ("data set", &self.dataset, &first.dataset);
        }
        if self.ground_truth != first.ground_truth {
            return differ("truth", &self.ground_truth, &first.ground_truth);
        }
        if self.empty != first.empty {
            return Err(self.error(format!("the IoU of two empty masks is another one than in {other}")));
        }
        let missing: Vec<&String> = first.samples.keys().filter(|id| !self.samples.contains_key(*id)).collect();
        if let Some(id) = missing.first() {
            return Err(self.error(format!("it lacks {} entries of {other}, such as {id}", missing.len())));
        }
        for (id, sample) in &self.samples {
            let Some(other_sample) = first.samples.get(id) else { continue };
            if sample.photo != other_sample.photo {
                return Err(self.error(format!("the photo of {id} is another one than in {other}")));
            }
            if sample.truth != other_sample.truth {
                return Err(self.error(format!("the sentence or the truth of {id} is another one than in {other}")));
            }
        }
        Ok(())
    }

    fn iou(&self, sample: &SampleScores, n: Option<u32>) -> Result<f64, CompareError> {
        let by_n = sample.chosen.get(&Rule::Tournament);
        let overlap = by_n.and_then(|by_n| match n {
            Some(n) => by_n.get(&n),
            None => by_n.last_key_value().map(|(_, overlap)| overlap),
        });
        let overlap = overlap.ok_or_else(|| {
            self.error(format!("{} has no choice among {} hypotheses", sample.id, n.unwrap_or_default()))
        })?;
        Ok(overlap.iou(self.empty))
    }
}
