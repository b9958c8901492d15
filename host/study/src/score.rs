//! Sums an evaluation up anew from the scores of its samples, without models, plugins or the data set.

use std::path::Path;

use rescue_pipeline::{WriteError, replace_json};
use serde_json::Value;

use crate::earlier::{Earlier, EvaluationFolderError};
use crate::metrics::EmptyRule;
use crate::summary::{Context, Summary, sum_up};
use crate::tables;

/// An evaluation that cannot be scored.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] EvaluationFolderError),
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
    let mut earlier = Earlier::read(folder)?;
    let unreadable = |name: &str, cause: &dyn std::fmt::Display| EvaluationFolderError {
        folder: folder.to_owned(),
        cause: format!("{name}: {cause}"),
    };
    let context: Context =
        serde_json::from_value(earlier.summary.clone()).map_err(|cause| unreadable("summary.json", &cause))?;
    let context = Context { empty: empty.unwrap_or(context.empty), ..context };
    // In the order of the evaluation, in which its tables are.
    let listed =
        std::fs::read_to_string(folder.join("index.jsonl")).map_err(|cause| unreadable("index.jsonl", &cause))?;
    let ids = listed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?.get("id")?.as_str().map(str::to_owned));
    let samples: Vec<_> = ids.filter_map(|id| earlier.samples.remove(&id)).collect();
    if let Some(id) = earlier.samples.keys().next() {
        return Err(
            unreadable("index.jsonl", &format!("it lacks entry {id}: the same eval command finishes it")).into()
        );
    }
    let failed = serde_json::from_value(earlier.summary.get("failed").cloned().unwrap_or_default())
        .map_err(|cause| unreadable("summary.json", &cause))?;
    let error = |cause: String| EvaluationFolderError { folder: folder.to_owned(), cause };
    let summary = sum_up(&context, &samples, failed).ok_or_else(|| error("no entry has a result".into()))?;
    if let Some(out) = out {
        if out.join("evaluation.json").exists() {
            return Err(error(format!(
                "{} is an evaluation, whose files are those of its own rules: choose another --out",
                out.display()
            ))
            .into());
        }
        std::fs::create_dir_all(out).map_err(|cause| WriteError { file: out.to_owned(), cause })?;
        tables::write(out, &samples, context.empty)?;
        replace_json(&out.join("summary.json"), &summary)?;
    }
    Ok(summary)
}
