//! Compares evaluations of the same entries: paired differences with their intervals, and what each strategy has cost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use crate::difference::{Difference, correct, difference};
use crate::metrics::EmptyRule;
use crate::sample_scores::{ChoiceScores, SampleScores, StrategyScores};
use crate::summary::MeanCost;

/// Evaluations that cannot be compared, or one that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", folder.display())]
pub struct CompareError {
    /// The folder of the evaluation.
    pub folder: PathBuf,
    /// Why.
    pub cause: String,
}

/// What of evaluations is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// The choices among so many hypotheses. `None`: among all of each evaluation.
    pub n: Option<u32>,
    /// Each strategy with the most hypotheses with which it costs at most as much as the one that costs least with all. `None`: at
    /// whatever cost.
    pub equal: Option<Unit>,
    /// Whether the rankings of the choices among fewer hypotheses than all know the later ones.
    pub prefix: bool,
}

/// A unit of cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Questions of the scorer and the verifier.
    Questions,
    /// Masks shown in them.
    Masks,
    /// Tokens of them and of their answers.
    Tokens,
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "questions" => Ok(Self::Questions),
            "masks" => Ok(Self::Masks),
            "tokens" => Ok(Self::Tokens),
            other => Err(format!("there is no unit {other:?}, only questions, masks and tokens")),
        }
    }
}

impl Unit {
    fn of(self, cost: &MeanCost) -> f64 {
        match self {
            Self::Questions => cost.questions,
            Self::Masks => cost.masks_shown,
            Self::Tokens => cost.tokens_in + cost.tokens_out,
        }
    }
}

/// An evaluation, as its folder has it.
struct Evaluated {
    folder: PathBuf,
    dataset: String,
    ground_truth: String,
    empty: EmptyRule,
    samples: BTreeMap<String, SampleScores>,
    /// The places of the strategies that are compared, with their names.
    strategies: Vec<(usize, String)>,
    clock: Clock,
}

/// What an evaluation has cost in time, a sample, with all of its strategies.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Clock {
    /// Slot-seconds of the last call of the program, in which known answers cost none.
    pub slot_seconds: f64,
    /// Wall-clock seconds of each sample's search. `None` if no file tells them.
    pub seconds: Option<f64>,
}

/// One strategy of an evaluation beside the first.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The folder of the evaluation.
    pub run: PathBuf,
    /// The strategy.
    pub strategy: String,
    /// The number of hypotheses.
    pub n: u32,
    /// Its mean IoU.
    pub giou: f64,
    /// The mean of the differences of IoU to the first strategy. `None` for the first itself.
    pub difference: Option<Difference>,
    /// What its choices have cost, a sample. Prefixes cost what the choices among all hypotheses do.
    pub cost: MeanCost,
    /// What the evaluation has cost in time.
    pub clock: Clock,
}

/// Compares the strategies of evaluations with the first strategy of the first one. Strategies that are there because every table has them
/// are left out.
///
/// # Errors
///
/// Returns an error if one cannot be read, is of other data, another truth or another rule than the first, or lacks choices.
pub fn compare(folders: &[PathBuf], terms: Terms) -> Result<Vec<Compared>, CompareError> {
    let runs = folders.iter().map(|folder| Evaluated::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = runs.first() else { return Ok(Vec::new()) };
    let mut rows: Vec<(&Evaluated, usize, &str, u32)> = Vec::new();
    for run in &runs {
        run.check(first)?;
        for (place, name) in &run.strategies {
            rows.push((run, *place, name, terms.n.unwrap_or(run.all())));
        }
    }
    if let Some(unit) = terms.equal {
        let cost = |run: &Evaluated, place, n| unit.of(&run.cost(place, n));
        let least = rows.iter().map(|(run, place, _, n)| cost(run, *place, *n)).fold(f64::INFINITY, f64::min);
        for (run, place, _, n) in &mut rows {
            let most = run.counts(*place).into_iter().filter(|count| cost(run, *place, *count) <= least * (1.0 + 1e-9));
            *n = most.max().unwrap_or(1);
        }
    }
    let Some(reference) = rows.first().copied() else { return Ok(Vec::new()) };
    let of_first = first.ious(reference.1, reference.3, terms.prefix)?;
    let mut compared = Vec::new();
    for (number, (run, place, name, n)) in rows.iter().enumerate() {
        let ious = run.ious(*place, *n, terms.prefix)?;
        let mut differences = Vec::new();
        for (id, iou) in &ious {
            let other = of_first
                .get(id)
                .ok_or_else(|| run.error(format!("{} has no result of {id}", first.folder.display())))?;
            let photo = run.samples.get(*id).map_or("", |sample| sample.photo.as_str());
            differences.push((photo, iou - other));
        }
        let mut sorted: Vec<f64> = ious.into_values().collect();
        sorted.sort_by(f64::total_cmp);
        compared.push(Compared {
            run: run.folder.clone(),
            strategy: (*name).to_owned(),
            n: *n,
            giou: sorted.iter().sum::<f64>() / sorted.len().max(1) as f64,
            difference: if number == 0 { None } else { difference(&differences) },
            cost: run.cost(*place, if terms.prefix { run.all() } else { *n }),
            clock: run.clock,
        });
    }
    correct(compared.iter_mut().filter_map(|one| one.difference.as_mut()));
    Ok(compared)
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
        if summary.get("form").and_then(Value::as_u64) != Some(u64::from(crate::summary::FORM)) {
            return Err(error("summary.json has another form; the same eval command makes it anew".into()));
        }
        let text = |name: &str| {
            let text = summary.get(name).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| error(format!("summary.json has no {name:?}")))
        };
        let empty = serde_json::from_value(summary.get("empty").cloned().unwrap_or_default());
        let samples = read_samples(folder, &summary).map_err(error)?;
        let count = samples.len().max(1) as f64;
        let services = timings.get("accounts").and_then(Value::as_object);
        let services = services.ok_or_else(|| error("timings.json has no \"accounts\"".into()))?;
        let slot_seconds = services.values().filter_map(|account| account.get("slot_seconds")?.as_f64());
        let original = json("original.json")?;
        let seconds = original.as_object().and_then(|rows| rows.values().next()?.get("mean_time")?.as_f64());
        let strategies = summary.get("strategies").and_then(Value::as_array).into_iter().flatten().enumerate();
        let strategies = strategies.filter_map(|(place, of)| {
            let is_baseline = of.get("baseline").and_then(Value::as_bool).unwrap_or_default();
            Some((place, of.get("name")?.as_str()?.to_owned())).filter(|_| !is_baseline)
        });
        Ok(Self {
            folder: folder.to_owned(),
            dataset: text("dataset")?,
            ground_truth: text("ground_truth")?,
            empty: empty.map_err(|cause| error(format!("summary.json: {cause}")))?,
            samples,
            strategies: strategies.collect(),
            clock: Clock { slot_seconds: slot_seconds.sum::<f64>() / count, seconds },
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
            let Some(other_sample) = first.samples.get(id) else {
                return Err(self.error(format!("{other} has no result of {id}")));
            };
            if sample.photo != other_sample.photo {
                return Err(self.error(format!("the photo of {id} is another one than in {other}")));
            }
            if sample.truth != other_sample.truth {
                return Err(self.error(format!("the sentence or the truth of {id} is another one than in {other}")));
            }
        }
        Ok(())
    }

    /// The number of all hypotheses.
    fn all(&self) -> u32 {
        self.samples.values().next().map_or(0, |sample| sample.n)
    }

    fn strategy(&self, place: usize) -> impl Iterator<Item = (&String, &StrategyScores)> {
        self.samples.iter().filter_map(move |(id, sample)| Some((id, sample.strategies.get(place)?)))
    }

    /// The numbers of hypotheses with which all choices of a strategy were made.
    fn counts(&self, place: usize) -> Vec<u32> {
        let first = self.strategy(place).next().map(|(_, of)| of.n.keys().copied().collect::<Vec<_>>());
        let made =
            |n: &u32| self.strategy(place).all(|(_, of)| of.n.get(n).is_some_and(|choice| choice.rerun.is_some()));
        first.unwrap_or_default().into_iter().filter(made).collect()
    }

    fn cost(&self, place: usize, n: u32) -> MeanCost {
        MeanCost::of(self.strategy(place).filter_map(|(_, of)| of.n.get(&n)))
    }

    /// The IoU of each sample's choice, by id.
    fn ious(&self, place: usize, n: u32, prefix: bool) -> Result<BTreeMap<&str, f64>, CompareError> {
        let mut ious = BTreeMap::new();
        for (id, of) in self.strategy(place) {
            let choice = of.n.get(&n);
            let choice = choice.ok_or_else(|| self.error(format!("{id} has no choice among {n} hypotheses")))?;
            let overlap = if prefix { Some(choice.prefix) } else { choice.rerun };
            let overlap = overlap.ok_or_else(|| self.error(unmade(id, n, choice)))?;
            ious.insert(id.as_str(), overlap.iou(self.empty));
        }
        Ok(ious)
    }
}

fn unmade(id: &str, n: u32, choice: &ChoiceScores) -> String {
    format!(
        "the choice of {id} among {n} hypotheses was not made, it needs {} questions more: evaluate without --no-ask, or compare \
         with --prefix",
        choice.needs
    )
}

/// The scores of all samples that an evaluation's summary counts. The error says what is wrong.
pub fn read_samples(folder: &Path, summary: &Value) -> Result<BTreeMap<String, SampleScores>, String> {
    let mut samples = BTreeMap::new();
    let all = std::fs::read_dir(folder.join("samples")).map_err(|cause| format!("samples: {cause}"))?;
    let failed = |id: &str| summary.get("failed").and_then(|failed| failed.get(id)).is_some();
    for scores in all.flatten().filter_map(|sample| SampleScores::read(&sample.path())) {
        if !failed(&scores.id) {
            samples.insert(scores.id.clone(), scores);
        }
    }
    if summary.get("samples").and_then(Value::as_u64) == Some(samples.len() as u64) {
        Ok(samples)
    } else {
        Err(format!("samples has {} scores, and summary.json says otherwise; evaluate it again", samples.len()))
    }
}
