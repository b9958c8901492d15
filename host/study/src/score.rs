//! Sums an evaluation up anew from the scores of its samples, without models, plugins or the data set.

use std::path::Path;

use rescue_pipeline::WriteError;
use serde_json::Value;

use crate::compare::{CompareError, read_samples};
use crate::evaluation::write;
use crate::metrics::EmptyRule;
use crate::summary::{Context, Summary, sum_up};
use crate::tables;

/// An evaluation that cannot be scored.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] CompareError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The summary of the evaluation in this folder. `empty` is the rule for two empty masks, `None` that of the evaluation; `out` a folder for
/// `summary.json` and the tables, `None` if they are not written.
///
/// # Errors
///
/// Returns an error if the evaluation cannot be read, or a file cannot be written.
pub fn score(folder: &Path, empty: Option<EmptyRule>, out: Option<&Path>) -> Result<Summary, ScoreError> {
    let error = |cause: String| CompareError { folder: folder.to_owned(), cause };
    let bytes = std::fs::read(folder.join("summary.json"))
        .map_err(|cause| error(format!("summary.json: {cause}; is it the folder of an eval?")))?;
    let earlier: Value = serde_json::from_slice(&bytes).map_err(|cause| error(format!("summary.json: {cause}")))?;
    let mut samples = read_samples(folder, &earlier).map_err(error)?;
    let context: Context =
        serde_json::from_value(earlier.clone()).map_err(|cause| error(format!("summary.json: {cause}")))?;
    let context = Context { empty: empty.unwrap_or(context.empty), ..context };
    // In the order of the evaluation, in which its tables are.
    let listed =
        std::fs::read_to_string(folder.join("index.jsonl")).map_err(|cause| error(format!("index.jsonl: {cause}")))?;
    let ids = listed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?.get("id")?.as_str().map(str::to_owned));
    let samples: Vec<_> = ids.filter_map(|id| samples.remove(&id)).collect();
    let failed = serde_json::from_value(earlier.get("failed").cloned().unwrap_or_default())
        .map_err(|cause| error(format!("summary.json: {cause}")))?;
    let summary = sum_up(&context, &samples, failed).ok_or_else(|| error("no entry has a result".into()))?;
    if let Some(out) = out {
        std::fs::create_dir_all(out).map_err(|cause| WriteError { file: out.to_owned(), cause })?;
        tables::write(out, &samples, context.empty)?;
        write(out, "summary.json", &serde_json::to_vec_pretty(&summary).unwrap_or_default())?;
    }
    Ok(summary)
}
