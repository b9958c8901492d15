//! Compares evaluations of the same entries: paired differences with their intervals, and what each strategy has cost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use crate::difference::{Difference, correct, difference};
use crate::earlier::{Earlier, EvaluationFolderError};
use crate::sample_scores::{ChoiceScores, StrategyScores};
use crate::summary::MeanCost;

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

/// An evaluation that is compared.
struct Evaluated {
    earlier: Earlier,
    dataset: String,
    ground_truth: String,
    /// The places of its strategies, with their names.
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
    /// Its mean IoU. `None` if not all of its choices were made.
    pub giou: Option<f64>,
    /// The mean of the differences of IoU to the first strategy. `None` for the first itself, and if not all choices were made.
    pub difference: Option<Difference>,
    /// Why it is not compared: a choice that was not made. `None` if it is.
    pub left_out: Option<String>,
    /// What its choices have cost, a sample. Prefixes cost what the choices among all hypotheses do. `None` if not all choices were made.
    pub cost: Option<MeanCost>,
    /// What the evaluation has cost in time.
    pub clock: Clock,
}

/// Compares the strategies of evaluations with the first strategy of the first one. One of which not all choices were made is left out, with
/// the reason in its row.
///
/// # Errors
///
/// Returns an error if an evaluation cannot be read, is of other data, another truth or another rule than the first, or was not made among so
/// many hypotheses, and if the first strategy has not made all choices.
pub fn compare(folders: &[PathBuf], terms: Terms) -> Result<Vec<Compared>, EvaluationFolderError> {
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
        let cost = |run: &Evaluated, place, n| run.cost(place, n).map(|cost| unit.of(&cost));
        let whole = rows.iter().filter(|(run, place, _, n)| run.counts(*place).contains(n));
        let all = whole.filter_map(|(run, place, _, n)| cost(run, *place, *n));
        // What costs nothing is comparable at any cost.
        let least = all.filter(|cost| *cost > 0.0).fold(f64::INFINITY, f64::min);
        for (run, place, name, n) in &mut rows {
            let fits = |count: &u32| cost(run, *place, *count).is_some_and(|cost| cost <= least * (1.0 + 1e-9));
            let most = run.counts(*place).into_iter().filter(fits).max();
            match most {
                Some(most) => *n = most,
                // It stands in its row why.
                None if run.counts(*place).is_empty() => {}
                None => {
                    let cause = format!("{name} has made no choices that cost as little as those of the others");
                    return Err(run.error(cause));
                }
            }
        }
    }
    let Some(reference) = rows.first().copied() else { return Ok(Vec::new()) };
    let of_first = first.ious(reference.1, reference.3, terms.prefix)?.map_err(|cause| first.error(cause))?;
    let mut compared = Vec::new();
    for (number, (run, place, name, n)) in rows.iter().enumerate() {
        let (ious, left_out) = match run.ious(*place, *n, terms.prefix)? {
            Ok(ious) => (ious, None),
            Err(cause) => (BTreeMap::new(), Some(cause)),
        };
        let mut differences = Vec::new();
        for (id, iou) in &ious {
            let other = of_first
                .get(id)
                .ok_or_else(|| run.error(format!("{} has no result of entry {id}", first.earlier.folder.display())))?;
            let photo = run.earlier.samples.get(*id).map_or("", |sample| sample.photo.as_str());
            differences.push((photo, iou - other));
        }
        let mut sorted: Vec<f64> = ious.into_values().collect();
        sorted.sort_by(f64::total_cmp);
        compared.push(Compared {
            run: run.earlier.folder.clone(),
            strategy: (*name).to_owned(),
            n: *n,
            giou: (!sorted.is_empty()).then(|| sorted.iter().sum::<f64>() / sorted.len() as f64),
            difference: if number == 0 { None } else { difference(&differences) },
            cost: run.cost(*place, if terms.prefix { run.all() } else { *n }).filter(|_| left_out.is_none()),
            left_out,
            clock: run.clock,
        });
    }
    correct(compared.iter_mut().filter_map(|one| one.difference.as_mut()));
    Ok(compared)
}

impl Evaluated {
    fn read(folder: &Path) -> Result<Self, EvaluationFolderError> {
        let earlier = Earlier::read(folder)?;
        let (timings, original): (Value, Value) = (earlier.json("timings.json")?, earlier.json("original.json")?);
        let count = earlier.samples.len().max(1) as f64;
        let services = timings.get("accounts").and_then(Value::as_object);
        let services = services.ok_or_else(|| earlier.error("timings.json has no \"accounts\""))?;
        let slot_seconds = services.values().filter_map(|account| account.get("slot_seconds")?.as_f64());
        let seconds = original.as_object().and_then(|rows| rows.values().next()?.get("mean_time")?.as_f64());
        let strategies = earlier.summary.get("strategies").and_then(Value::as_array).into_iter().flatten();
        let strategies =
            strategies.enumerate().filter_map(|(place, of)| Some((place, of.get("name")?.as_str()?.into())));
        Ok(Self {
            dataset: earlier.text("dataset")?,
            ground_truth: earlier.text("ground_truth")?,
            strategies: strategies.collect(),
            clock: Clock { slot_seconds: slot_seconds.sum::<f64>() / count, seconds },
            earlier,
        })
    }

    fn error(&self, cause: String) -> EvaluationFolderError {
        self.earlier.error(cause)
    }

    /// Fails if this evaluation and the first are not of the same entries, truth and rule.
    fn check(&self, first: &Self) -> Result<(), EvaluationFolderError> {
        let other = first.earlier.folder.display();
        let differ = |what: &str, own: &str, others: &str| {
            Err(self.error(format!("its {what} is {own:?}, and that of {other} is {others:?}")))
        };
        if self.dataset != first.dataset {
            return differ("data set", &self.dataset, &first.dataset);
        }
        if self.ground_truth != first.ground_truth {
            return differ("truth", &self.ground_truth, &first.ground_truth);
        }
        if self.earlier.empty != first.earlier.empty {
            return Err(self.error(format!("the IoU of two empty masks is another one than in {other}")));
        }
        let repeats = |of: &Self| of.earlier.summary.get("repeats").and_then(Value::as_u64).unwrap_or(1);
        if repeats(self) != repeats(first) {
            let (own, others) = (repeats(self), repeats(first));
            return Err(self.error(format!(
                "it searched each entry {own} times, and {other} {others} times: the same --repeats lets the smaller one grow"
            )));
        }
        let missing: Vec<&String> =
            first.earlier.samples.keys().filter(|id| !self.earlier.samples.contains_key(*id)).collect();
        if let Some(id) = missing.first() {
            return Err(self.error(format!(
                "it lacks {} entries of {other}, such as entry {id}: evaluate both on the same entries",
                missing.len()
            )));
        }
        for (id, sample) in &self.earlier.samples {
            let Some(other_sample) = first.earlier.samples.get(id) else {
                return Err(
                    self.error(format!("{other} has no result of entry {id}: evaluate both on the same entries"))
                );
            };
            if sample.photo != other_sample.photo {
                return Err(self.error(format!("the photo of entry {id} is another one than in {other}")));
            }
            if sample.truth != other_sample.truth {
                return Err(
                    self.error(format!("the sentence or the truth of entry {id} is another one than in {other}"))
                );
            }
        }
        Ok(())
    }

    /// The number of all hypotheses.
    fn all(&self) -> u32 {
        self.earlier.samples.values().next().map_or(0, |sample| sample.n)
    }

    fn strategy(&self, place: usize) -> impl Iterator<Item = (&String, &StrategyScores)> {
        self.earlier.samples.iter().filter_map(move |(id, sample)| Some((id, sample.strategies.get(place)?)))
    }

    /// The numbers of hypotheses with which all choices of a strategy were made.
    fn counts(&self, place: usize) -> Vec<u32> {
        let first = self.strategy(place).next().map(|(_, of)| of.n.keys().copied().collect::<Vec<_>>());
        let made =
            |n: &u32| self.strategy(place).all(|(_, of)| of.n.get(n).is_some_and(|choice| choice.rerun.is_some()));
        first.unwrap_or_default().into_iter().filter(made).collect()
    }

    /// What its choices have cost. `None` if none was made.
    fn cost(&self, place: usize, n: u32) -> Option<MeanCost> {
        MeanCost::of(self.strategy(place).filter_map(|(_, of)| of.n.get(&n)))
    }

    /// The IoU of each sample's choice, by id. The inner error is a choice that was not made.
    fn ious(
        &self,
        place: usize,
        n: u32,
        prefix: bool,
    ) -> Result<Result<BTreeMap<&str, f64>, String>, EvaluationFolderError> {
        let mut ious = BTreeMap::new();
        for (id, sample) in &self.earlier.samples {
            let of = sample.strategies.get(place);
            let of =
                of.ok_or_else(|| self.error(format!("the scores of entry {id} lack a strategy of the summary")))?;
            let choice = of.n.get(&n);
            let choice = choice.ok_or_else(|| {
                let counts: Vec<String> = of.n.keys().map(ToString::to_string).collect();
                self.error(format!("entry {id} has no choice among {n} hypotheses; there are {}", counts.join(", ")))
            })?;
            let overlap = if prefix { choice.prefix } else { choice.rerun };
            let Some(overlap) = overlap else { return Ok(Err(unmade(id, n, choice))) };
            ious.insert(id.as_str(), overlap.iou(self.earlier.empty));
        }
        Ok(Ok(ious))
    }
}

fn unmade(id: &str, n: u32, choice: &ChoiceScores) -> String {
    if choice.why.is_empty() {
        format!(
            "the choice for entry {id} among {n} hypotheses was not made, it needs {} questions more: evaluate without --no-ask, or \
             compare with --prefix",
            choice.needs
        )
    } else {
        format!("the choice for entry {id} among {n} hypotheses was not made: {}", choice.why)
    }
}
