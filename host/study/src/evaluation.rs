//! The evaluation of a run on a data set: what to search, how each result compares with the truth, and what came of all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rescue_dataset::{Dataset, DatasetError, ImageSource, Item};
use rescue_pipeline::{ListedSample, Outcome, SampleList, SampleListError, State, WriteError, replace, replace_json};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, json};

use crate::baselines::Baselines;
use crate::masks::{self, Form, SampleMasks};
use crate::metrics::EmptyRule;
use crate::plan::Plan;
use crate::repeat::sample_id;
use crate::running::Running;
use crate::sample_scores::{FILE, SampleScores};
use crate::summary::{Context, Summary, sum_up};
use crate::tables;

/// The file about what is evaluated.
const PLAN: &str = "evaluation.json";
const SUMMARY: &str = "summary.json";
/// The file of the entries that were searched again.
const RETRIED: &str = "retried.json";
/// The version of the file about what is evaluated.
pub const PLAN_FORM: u32 = 1;

/// What is evaluated: `evaluation.json`.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct About {
    /// The version of this format.
    pub form: u32,
    /// The data set.
    #[serde(flatten)]
    pub context: Context,
    /// The strategies.
    #[serde(flatten)]
    pub plan: Plan,
}

/// An evaluation that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The data set cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The list of samples cannot be made.
    #[error(transparent)]
    List(#[from] SampleListError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nothing was planned.
    #[error("the evaluation was not begun: please report it")]
    NotBegun,
    /// No entry has a result, and why, by id.
    #[error("no entry has a result{}", some(.0))]
    Nothing(BTreeMap<String, String>),
}

/// An evaluation: a data set, and the folder of the run.
pub struct Evaluation {
    dataset: Dataset,
    folder: PathBuf,
    empty: EmptyRule,
    /// How masks are written. `None` if they are not.
    masks: Option<Form>,
    /// The seeds of the searches of each entry.
    seeds: Vec<u64>,
    /// The entry of each sample, and the number of its search, from 1.
    items: HashMap<String, (usize, u32)>,
    /// Set once the run is open.
    plan: OnceLock<Plan>,
    /// The results of this call so far.
    running: Mutex<Running>,
    /// Entries whose truth cannot be used, and why.
    untrue: Mutex<BTreeMap<String, String>>,
    /// Whether choices that lack answers are made anew.
    fills: bool,
    /// Entries that had no result before this call.
    had_failed: BTreeSet<String>,
    /// Entries that were searched again after they had failed, or had lacked answers.
    retried: Mutex<BTreeSet<String>>,
}

impl Evaluation {
    /// An evaluation of the run in this folder, which searches each entry once with each of these seeds. `masks` says how masks are written,
    /// `None` that they are not; `fills`, whether choices that lack answers are made anew.
    pub fn new(
        dataset: Dataset,
        folder: PathBuf,
        empty: EmptyRule,
        masks: Option<Form>,
        fills: bool,
        seeds: Vec<u64>,
    ) -> Self {
        let items = dataset.items.iter().enumerate().flat_map(|(at, item)| {
            (1..).zip(&seeds).map(move |(repeat, _)| (sample_id(&item.id, repeat), (at, repeat)))
        });
        let items = items.collect();
        let (plan, running, untrue) = Default::default();
        let had_failed = failed_before(&folder);
        let retried = Mutex::default();
        Self { dataset, folder, empty, masks, seeds, items, plan, running, untrue, fills, had_failed, retried }
    }

    /// Says which strategies are compared.
    pub fn plan(&self, plan: Plan) -> &Plan {
        self.plan.get_or_init(|| plan)
    }

    /// Begins: says which strategies are compared, and writes it into the folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written, or if an earlier call has left a list of what was searched again that cannot be read.
    pub fn begin(&self, plan: Plan) -> Result<(), EvaluationError> {
        let file = self.folder.join(RETRIED);
        match std::fs::read(&file).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?)) {
            Ok(earlier) => *self.retried.lock().unwrap_or_else(PoisonError::into_inner) = earlier,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(WriteError { file, cause }.into()),
        }
        let plan = self.plan(plan);
        let about = About { form: PLAN_FORM, context: self.context(), plan: plan.clone() };
        Ok(replace_json(&self.folder.join(PLAN), &about)?)
    }

    fn context(&self) -> Context {
        Context {
            dataset: self.dataset.name.clone(),
            ground_truth: self.dataset.ground_truth.clone(),
            empty: self.empty,
            entries: self.dataset.items.len(),
            repeats: self.seeds.len() as u32,
        }
    }

    /// What is to be searched: all entries, and then all once more for each further seed. Photos of Parquet files are written into the folder
    /// `photos` of the run; those that are there stay.
    ///
    /// # Errors
    ///
    /// Returns an error if a photo cannot be read, or a file cannot be written.
    pub fn list(&self) -> Result<SampleList, EvaluationError> {
        let mut images = Vec::with_capacity(self.dataset.items.len());
        for item in &self.dataset.items {
            images.push(match &item.image {
                ImageSource::File(file) => file.clone(),
                ImageSource::Row(_) => self.unpacked(item)?,
            });
        }
        let mut samples = Vec::with_capacity(images.len() * self.seeds.len());
        for (repeat, seed) in (1..).zip(&self.seeds) {
            for (item, image) in self.dataset.items.iter().zip(&images) {
                let mut given = Map::new();
                given.insert("id".into(), json!(item.id));
                given.insert("query".into(), json!(item.query));
                given.insert("image".into(), json!(item.image.name()));
                if repeat > 1 {
                    given.insert("repeat".into(), json!(repeat));
                }
                samples.push(ListedSample {
                    line: samples.len() as u64 + 1,
                    id: sample_id(&item.id, repeat),
                    image: image.clone(),
                    query: item.query.clone(),
                    seed: (repeat > 1).then_some(*seed),
                    given,
                });
            }
        }
        Ok(SampleList::of(samples, &self.folder)?)
    }

    fn unpacked(&self, item: &Item) -> Result<PathBuf, EvaluationError> {
        let folder = self.folder.join("photos");
        let file = folder.join(format!("{}.jpg", item.id));
        let bytes = item.image.read()?;
        // The data set may have changed.
        if std::fs::read(&file).ok().as_deref() != Some(&bytes) {
            let fail = |cause| WriteError { file: file.clone(), cause };
            std::fs::create_dir_all(&folder).and_then(|()| replace(&file, &bytes)).map_err(fail)?;
        }
        Ok(file)
    }

    /// The entry of a sample, and the number of its search. `None` if the data set has none.
    fn entry(&self, id: &str) -> Option<(&Item, u32)> {
        let (at, repeat) = *self.items.get(id)?;
        Some((self.dataset.items.get(at)?, repeat))
    }

    fn sample_folder(&self, id: &str) -> PathBuf {
        self.folder.join("samples").join(id)
    }

    /// Whether a result has scores, and those are of this result, of these strategies, and of the truth that the data set has now. If not, it
    /// has to be computed again, from the ledger.
    pub fn is_scored(&self, id: &str) -> bool {
        let folder = self.sample_folder(id);
        let Some(((item, _), plan)) = self.entry(id).zip(self.plan.get()) else { return false };
        SampleScores::read(&folder).is_some_and(|scores| {
            scores.are_of(item, plan, &folder)
                && !(plan.ask && scores.needs_questions())
                && !(self.fills && scores.lacks_answers())
                && (self.masks.is_none() || SampleMasks::read(&folder, &scores).is_some())
        })
    }

    /// Compares a new result with the truth, which is read now that the choices are made, and writes the scores beside it.
    pub fn seen(&self, id: &str, outcome: &Outcome) {
        if let Err(why) = self.note_retried(id).and_then(|()| self.score(id, outcome)) {
            self.untrue.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), why);
        }
    }

    fn score(&self, id: &str, outcome: &Outcome) -> Result<(), String> {
        let baselines = Baselines::of(outcome).map_err(|error| error.to_string())?;
        let plan = self.plan.get().ok_or("the evaluation was not begun")?;
        let (item, repeat) = self.entry(id).ok_or("the data set has no such entry")?;
        let truth = item.truth(outcome.record.image.size).map_err(|error| error.to_string())?;
        let scores = SampleScores::new(item, repeat, outcome, plan, &baselines, &truth)?;
        if self.masks.is_some() {
            let masks = SampleMasks::new(outcome, plan, &truth, &scores);
            let file = self.sample_folder(id).join(masks::FILE);
            replace_json(&file, &masks).map_err(|error| error.to_string())?;
        }
        if let Some(overlap) = scores.own().and_then(|own| own.rerun) {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.add(&scores.photo, overlap.iou(self.empty));
        }
        let bytes = serde_json::to_vec(&scores).map_err(|error| error.to_string())?;
        replace(&self.sample_folder(id).join(FILE), &bytes).map_err(|error| error.to_string())
    }

    /// The mean IoU of the results of this call so far, and how far the ends of its 95 % interval are from it. `None` before the first.
    pub fn running(&self) -> Option<(f64, Option<f64>)> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).mean()
    }

    /// Sums up all results and writes `summary.json`, the tables, and the file in the original's form. `failed` are the samples without a
    /// result, by id, and why.
    ///
    /// # Errors
    ///
    /// Returns an error if no entry has a result, or a file cannot be written.
    pub fn finish(&self, mut failed: BTreeMap<String, String>) -> Result<Summary, EvaluationError> {
        failed.extend(self.untrue.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let plan = self.plan.get().ok_or(EvaluationError::NotBegun)?;
        let (mut samples, mut seconds) = (Vec::new(), Vec::new());
        let all =
            (1..).zip(&self.seeds).flat_map(|(repeat, _)| self.dataset.items.iter().map(move |item| (item, repeat)));
        for (item, repeat) in all {
            let id = sample_id(&item.id, repeat);
            let folder = self.sample_folder(&id);
            if failed.contains_key(&id) {
                continue;
            }
            if let Some(scores) = SampleScores::read(&folder).filter(|scores| scores.are_of(item, plan, &folder)) {
                seconds.push(seconds_of(&folder));
                samples.push(scores);
            }
        }
        let Some(summary) = sum_up(&self.context(), &samples, failed.clone()) else {
            // That of an earlier call is true no more.
            let file = self.folder.join(SUMMARY);
            if file.exists() {
                std::fs::remove_file(&file).map_err(|cause| WriteError { file, cause })?;
            }
            return Err(EvaluationError::Nothing(failed));
        };
        if let Some(form) = self.masks {
            let items = samples.iter().filter_map(|one| {
                let (at, _) = *self.items.get(&one.sample_id())?;
                Some((at + 1, self.dataset.items.get(at)?, one))
            });
            masks::write(&self.folder, form, items)?;
        }
        replace_json(&self.folder.join("original.json"), &original(&summary, &seconds))?;
        tables::write(&self.folder, &samples, self.empty)?;
        replace_json(&self.folder.join(SUMMARY), &summary)?;
        Ok(summary)
    }

    /// Notes an entry that is searched again after it had failed or had lacked answers.
    fn note_retried(&self, id: &str) -> Result<(), String> {
        let lacked = SampleScores::read(&self.sample_folder(id)).is_some_and(|scores| {
            matches!(scores.state, State::Degraded | State::Cut) || self.fills && scores.lacks_answers()
        });
        if !lacked && !self.had_failed.contains(id) {
            return Ok(());
        }
        let mut retried = self.retried.lock().unwrap_or_else(PoisonError::into_inner);
        retried.insert(id.to_owned());
        replace_json(&self.folder.join(RETRIED), &*retried).map_err(|error| error.to_string())
    }

    /// The number of entries that were searched again after they had failed or had lacked answers, in this call or before it.
    pub fn retried(&self) -> usize {
        self.retried.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The number of entries whose truth could not be used so far.
    pub fn without_truth(&self) -> usize {
        self.untrue.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Some entries without a result, and why.
fn some(failed: &BTreeMap<String, String>) -> String {
    let lines = failed.iter().take(5).map(|(id, why)| format!("\n  {id}: {why}"));
    lines.collect::<String>()
}

/// The entries that the index of an earlier call lists without a result.
fn failed_before(folder: &Path) -> BTreeSet<String> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap_or_default();
    let lines = index.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let failed = lines.filter(|line| line.get("state").and_then(serde_json::Value::as_str) == Some("failed"));
    failed.filter_map(|line| line.get("id")?.as_str().map(str::to_owned)).collect()
}

/// How long a sample took, in seconds. `None` if its file does not say.
fn seconds_of(folder: &Path) -> Option<f64> {
    let timings: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("timings.json")).ok()?).ok()?;
    timings.pointer("/seconds/total")?.as_f64()
}

/// The form of the original system: for each number of hypotheses, the mean IoU of what was chosen and of the best, and the mean seconds of a
/// sample, which are those of all hypotheses; null if no file tells them.
fn original(summary: &Summary, seconds: &[Option<f64>]) -> serde_json::Value {
    let known: Vec<f64> = seconds.iter().copied().flatten().collect();
    let mean_time = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
    let own = summary.strategies.first().into_iter().flat_map(|own| &own.n);
    let rows = own.map(|(n, row)| {
        let values = json!({
            "mean_iou": row.prefix.as_ref().map(|prefix| prefix.giou.mean),
            "mean_oracle": summary.n.get(n).map(|common| common.oracle),
            "mean_time": mean_time,
            "num_samples": summary.samples,
        });
        (n.to_string(), values)
    });
    rows.collect::<Map<_, _>>().into()
}
