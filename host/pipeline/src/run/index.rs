//! The result lines of a run over several samples, one for each, which says what came of it; and the file that holds them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rescue_mask::Bounds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::folder::{INDEX, RESULTS};
use super::sample_list::{BadLine, ListedSample};
use crate::whole_file::WriteError;

/// The version of the format of a line.
pub const INDEX_FORM: u32 = 1;

/// What came of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleState {
    /// Every question has an answer that could be read.
    Complete,
    /// Too many answers said nothing that could be read.
    Unreadable,
    /// Questions have no answer.
    Degraded,
    /// The time for it was over before all questions were answered.
    Cut,
    /// There is no result. The run goes on without it, and tries it again when it is resumed.
    Failed,
}

/// What came of one sample, in short. It is made from `result.json` and the list, so a finished sample has the same line again.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ResultLine {
    /// The version of this format.
    pub form: u32,
    /// The sample's line in its list, from 1.
    pub line: u64,
    /// The sample's id. `None` for a line that is no sample.
    pub id: Option<String>,
    /// What came of it.
    pub state: SampleState,
    /// Whether the thing was found.
    pub found: bool,
    /// The smallest box around the mask, in pixels. `None` if nothing was found.
    #[schemars(with = "Option<BTreeMap<String, u32>>")]
    pub bounds: Option<Bounds>,
    /// The number of pixels in the mask. `None` if nothing was found.
    pub area: Option<u64>,
    /// Why nothing was found, or why there is no result; empty if it was found.
    pub why: Vec<String>,
    /// The folder of its results, relative to that of the run. `None` if there are none.
    pub folder: Option<String>,
    /// The line of the list as it was given; image and query if there was no list.
    pub sample: Map<String, Value>,
}

impl ResultLine {
    /// The line of a sample with this `result.json`. `None` if that is not the form that this program writes.
    pub(super) fn of_result(sample: &ListedSample, result: &Value) -> Option<Self> {
        let chosen = result.get("chosen").filter(|chosen| !chosen.is_null());
        Some(Self {
            form: INDEX_FORM,
            line: sample.line,
            id: Some(sample.id.clone()),
            state: SampleState::deserialize(result.get("state")?).ok()?,
            found: result.get("found")?.as_bool()?,
            bounds: chosen.and_then(|chosen| Bounds::deserialize(chosen.get("bounds")?).ok()),
            area: chosen.and_then(|chosen| chosen.get("area")?.as_u64()),
            why: result.get("reasons").and_then(|reasons| Vec::deserialize(reasons).ok())?,
            folder: Some(format!("{RESULTS}/{}", sample.id)),
            sample: sample.given.clone(),
        })
    }

    /// The line of a sample without a result.
    pub(super) fn failed(sample: &ListedSample, why: String) -> Self {
        Self::without_result(sample.line, Some(sample.id.clone()), why, sample.given.clone())
    }

    /// The line of a line that is no sample.
    pub(super) fn bad(bad: &BadLine) -> Self {
        Self::without_result(bad.line, None, bad.why.clone(), bad.given.clone())
    }

    fn without_result(line: u64, id: Option<String>, why: String, sample: Map<String, Value>) -> Self {
        let (state, found, bounds, area, folder) = (SampleState::Failed, false, None, None, None);
        Self { form: INDEX_FORM, line, id, state, found, bounds, area, why: vec![why], folder, sample }
    }
}

/// The index of a run, while it is written. It begins anew each time: it is made from the results.
pub(super) struct Index {
    file: PathBuf,
    open: File,
    /// The number of lines.
    pub(super) lines: usize,
}

impl Index {
    pub(super) fn begin(folder: &Path) -> Result<Self, WriteError> {
        let file = folder.join(INDEX);
        match File::create(&file) {
            Ok(open) => Ok(Self { file, open, lines: 0 }),
            Err(cause) => Err(WriteError { file, cause }),
        }
    }

    pub(super) fn add(&mut self, line: &ResultLine) -> Result<(), WriteError> {
        let written = serde_json::to_vec(line).map_err(io::Error::from).and_then(|mut bytes| {
            bytes.push(b'\n');
            self.open.write_all(&bytes)
        });
        self.lines += 1;
        written.map_err(|cause| WriteError { file: self.file.clone(), cause })
    }
}
