//! The evaluation of a run on a data set: what to search, how each result compares with the truth, and what came of all.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rescue_dataset::{Dataset, DatasetError, ImageSource, Item};
use rescue_pipeline::{ListedSample, Outcome, SampleList, SampleListError, WriteError, replace};
use serde_json::{Map, json};

use crate::choices::{Choices, Rule};
use crate::metrics::EmptyRule;
use crate::sample_scores::{FILE, SampleScores};
use crate::summary::{Summary, sum_up};
use crate::tables::Tables;

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
    /// No entry has a result.
    #[error("no entry has a result; each one's line says why")]
    Nothing,
}

/// An evaluation: a data set, and the folder of the run.
pub struct Evaluation {
    dataset: Dataset,
    folder: PathBuf,
    empty: EmptyRule,
    items: HashMap<String, usize>,
    /// The IoUs of the tournament's choices so far.
    running: Mutex<Vec<f64>>,
    /// Entries whose truth cannot be used, and why.
    untrue: Mutex<BTreeMap<String, String>>,
}

impl Evaluation {
    /// An evaluation of the run in this folder.
    pub fn new(dataset: Dataset, folder: PathBuf, empty: EmptyRule) -> Self {
        let items = dataset.items.iter().enumerate().map(|(at, item)| (item.id.clone(), at)).collect();
        Self { dataset, folder, empty, items, running: Mutex::default(), untrue: Mutex::default() }
    }

    /// What is to be searched. Photos of Parquet files are written into the folder `photos` of the run; those that are there stay.
    ///
    /// # Errors
    ///
    /// Returns an error if a photo cannot be read, or a file cannot be written.
    pub fn list(&self) -> Result<SampleList, EvaluationError> {
        let mut samples = Vec::with_capacity(self.dataset.items.len());
        for (item, line) in self.dataset.items.iter().zip(1..) {
            let image = match &item.image {
                ImageSource::File(file) => file.clone(),
                ImageSource::Row(_) => self.unpacked(item)?,
            };
            let given: Map<_, _> =
                [("id", json!(item.id)), ("query", json!(item.query)), ("image", json!(item.image.name()))]
                    .map(|(name, value)| (name.to_owned(), value))
                    .into_iter()
                    .collect();
            samples.push(ListedSample { line, id: item.id.clone(), image, query: item.query.clone(), given });
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

    fn sample_folder(&self, id: &str) -> PathBuf {
        self.folder.join("samples").join(id)
    }

    /// Whether a result has scores, and those are of this result and of the truth that the data set has now. If not, it has to be computed
    /// again, from the ledger.
    pub fn is_scored(&self, id: &str) -> bool {
        let item = self.items.get(id).and_then(|at| self.dataset.items.get(*at));
        let folder = self.sample_folder(id);
        item.is_some_and(|item| SampleScores::read(&folder).is_some_and(|scores| scores.are_of(item, &folder)))
    }

    /// Compares a new result with the truth, which is read now that the choices are made, and writes the scores beside it.
    pub fn seen(&self, id: &str, outcome: &Outcome) {
        if let Err(why) = self.score(id, outcome) {
            self.untrue.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), why);
        }
    }

    fn score(&self, id: &str, outcome: &Outcome) -> Result<(), String> {
        let choices = Choices::of(outcome).map_err(|error| error.to_string())?;
        let item =
            self.items.get(id).and_then(|at| self.dataset.items.get(*at)).ok_or("the data set has no such entry")?;
        let truth = item.truth(outcome.record.image.size).map_err(|error| error.to_string())?;
        let scores = SampleScores::new(item, outcome, &choices, &truth)?;
        let chosen = scores.chosen.get(&Rule::Tournament).and_then(|by_n| by_n.get(&outcome.record.n));
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(chosen.map(|overlap| overlap.iou(self.empty)));
        let bytes = serde_json::to_vec(&scores).map_err(|error| error.to_string())?;
        replace(&self.sample_folder(id).join(FILE), &bytes).map_err(|error| error.to_string())
    }

    /// The mean IoU of the results of this call so far. `None` before the first.
    pub fn running(&self) -> Option<f64> {
        let ious = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        (!ious.is_empty()).then(|| ious.iter().sum::<f64>() / ious.len() as f64)
    }

    /// Sums up all results and writes `summary.json`, the tables, and the file in the original's form. `failed` are the samples without a
    /// result, by id, and why.
    ///
    /// # Errors
    ///
    /// Returns an error if no entry has a result, or a file cannot be written.
    pub fn finish(&self, mut failed: BTreeMap<String, String>) -> Result<Summary, EvaluationError> {
        failed.extend(self.untrue.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let (mut samples, mut seconds) = (Vec::new(), Vec::new());
        for item in self.dataset.items.iter().filter(|item| !failed.contains_key(&item.id)) {
            let folder = self.sample_folder(&item.id);
            if let Some(scores) = SampleScores::read(&folder).filter(|scores| scores.are_of(item, &folder)) {
                seconds.push(seconds_of(&folder));
                samples.push(scores);
            }
        }
        let dataset = (self.dataset.name.as_str(), self.dataset.ground_truth.as_str());
        let entries = self.dataset.items.len();
        let summary = sum_up(dataset, entries, self.empty, &samples, failed).ok_or(EvaluationError::Nothing)?;
        self.write("summary.json", &serde_json::to_vec_pretty(&summary).unwrap_or_default())?;
        self.write("original.json", &serde_json::to_vec_pretty(&original(&summary, &seconds)).unwrap_or_default())?;
        let tables = Tables::of(&samples, self.empty);
        self.write("samples.csv", tables.samples.csv().as_bytes())?;
        self.write("candidates.csv", tables.candidates.csv().as_bytes())?;
        for (name, table) in [("samples.parquet", &tables.samples), ("candidates.parquet", &tables.candidates)] {
            let bytes = table.parquet().map_err(|error| WriteError {
                file: self.folder.join(name),
                cause: std::io::Error::other(error.to_string()),
            })?;
            self.write(name, &bytes)?;
        }
        Ok(summary)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), EvaluationError> {
        let file = self.folder.join(name);
        Ok(replace(&file, bytes).map_err(|cause| WriteError { file, cause })?)
    }
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
    let rows = summary.n.iter().map(|(n, row)| {
        let values = json!({
            "mean_iou": row.giou.mean, "mean_oracle": row.oracle, "mean_time": mean_time, "num_samples": summary.samples,
        });
        (n.to_string(), values)
    });
    rows.collect::<Map<_, _>>().into()
}
