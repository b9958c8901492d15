//! Reads an evaluation that was made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::metrics::EmptyRule;
use crate::sample_scores::SampleScores;
use crate::summary;

/// An evaluation that cannot be read, compared or scored.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", folder.display())]
pub struct EvaluationFolderError {
    /// The folder of the evaluation.
    pub folder: PathBuf,
    /// Why, and what to do about it.
    pub cause: String,
}

/// An evaluation that was made, as its folder has it.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its folder.
    pub folder: PathBuf,
    /// `summary.json`.
    pub summary: Value,
    /// The IoU of two empty masks.
    pub empty: EmptyRule,
    /// The scores of all samples that the summary counts, by their ids.
    pub samples: BTreeMap<String, SampleScores>,
}

impl Earlier {
    /// Reads the evaluation in a folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder holds none, it is not finished, or its files are of another form of this program.
    pub fn read(folder: &Path) -> Result<Self, EvaluationFolderError> {
        let error = |cause: String| EvaluationFolderError { folder: folder.to_owned(), cause };
        if !folder.join("evaluation.json").is_file() {
            return Err(error("it is not the folder of an evaluation, which has evaluation.json and samples/".into()));
        }
        let summary: Value = json(folder, "summary.json")?;
        if summary.get("form").and_then(Value::as_u64) != Some(u64::from(summary::FORM)) {
            return Err(error("summary.json is of another form; the same eval command makes it anew".into()));
        }
        let empty = serde_json::from_value(summary.get("empty").cloned().unwrap_or_default())
            .map_err(|cause| error(format!("summary.json: {cause}")))?;
        let failed = |id: &str| summary.get("failed").and_then(|failed| failed.get(id)).is_some();
        let all = std::fs::read_dir(folder.join("samples")).map_err(|cause| error(format!("samples: {cause}")))?;
        let scores = all.flatten().filter_map(|sample| SampleScores::read(&sample.path()));
        let samples: BTreeMap<_, _> =
            scores.map(|scores| (scores.sample_id(), scores)).filter(|(id, _)| !failed(id)).collect();
        let counted = summary.get("samples").and_then(Value::as_u64).unwrap_or_default();
        if counted != samples.len() as u64 {
            let cause = format!(
                "samples has {} scores, and summary.json counts {counted}: the same eval command finishes it",
                samples.len()
            );
            return Err(error(cause));
        }
        Ok(Self { folder: folder.to_owned(), summary, empty, samples })
    }

    /// An error about this evaluation.
    pub fn error(&self, cause: impl Into<String>) -> EvaluationFolderError {
        EvaluationFolderError { folder: self.folder.clone(), cause: cause.into() }
    }

    /// A text of the summary.
    ///
    /// # Errors
    ///
    /// Returns an error if it has none of this name.
    pub fn text(&self, name: &str) -> Result<String, EvaluationFolderError> {
        let text = self.summary.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| self.error(format!("summary.json has no {name:?}")))
    }

    /// Another JSON file in the folder.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be read.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, EvaluationFolderError> {
        json(&self.folder, name)
    }
}

fn json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, EvaluationFolderError> {
    let error = |cause: String| EvaluationFolderError { folder: folder.to_owned(), cause };
    let bytes = std::fs::read(folder.join(name)).map_err(|cause| {
        error(format!("{name}: {cause}. If the evaluation is not finished, the same eval command goes on with it"))
    })?;
    serde_json::from_slice(&bytes).map_err(|cause| error(format!("{name}: {cause}")))
}
