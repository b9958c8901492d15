//! How one sample's choices compare with the truth: `scores.json` beside its result. The choices are made before the truth is read.

use std::collections::BTreeMap;
use std::path::Path;

use rescue_dataset::{Item, Truth};
use rescue_mask::MaskError;
use rescue_pipeline::run::result_files;
use rescue_pipeline::{Outcome, Questions};
use serde::{Deserialize, Serialize};

use crate::choices::{Choices, Rule};
use crate::metrics::Overlap;

/// The name of the file.
pub const FILE: &str = "scores.json";

/// How a sample's choices compare with the truth. The same bytes for the same result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleScores {
    /// The version of this format.
    pub form: u32,
    /// The entry of the data set.
    pub id: String,
    /// SHA-256 of the photo's file.
    pub photo: String,
    /// BLAKE3 over the sentence and what its truth is read from ([`Item::truth_digest`]).
    pub truth: String,
    /// BLAKE3 of `result.json`.
    pub result: String,
    /// What the data set says of the entry.
    pub categories: BTreeMap<String, String>,
    /// Whether every question has an answer that could be read.
    pub state: String,
    /// What each rule's choice has in common with the truth, by rule and number of hypotheses.
    pub chosen: BTreeMap<Rule, BTreeMap<u32, Overlap>>,
    /// The same for each candidate, by id.
    pub candidates: BTreeMap<u32, Overlap>,
    /// The same for choosing nothing.
    pub nothing: Overlap,
    /// Questions, by service.
    pub questions: BTreeMap<String, u32>,
    /// Matches.
    pub matches: u32,
    /// Matches in which the verifier abstained.
    pub abstained: u32,
    /// Matches that lacked an answer.
    pub failed: u32,
}

const FORM: u32 = 2;

impl SampleScores {
    /// Compares what was chosen with the truth.
    ///
    /// # Errors
    ///
    /// Returns what is wrong if the masks differ in size, or the truth cannot be read any more.
    pub fn new(item: &Item, outcome: &Outcome, choices: &Choices, truth: &Truth) -> Result<Self, String> {
        let overlaps = Self::overlaps(item, outcome, choices, truth).map_err(|error| error.to_string())?;
        let result = result_files::result_json(&outcome.record).map_err(|error| error.to_string())?;
        let digest = item.truth_digest().map_err(|error| error.to_string())?;
        Ok(Self { truth: digest, result: blake3::hash(&result).to_hex().to_string(), ..overlaps })
    }

    /// Whether these scores are of the result in a sample's folder, and of the truth that the data set has now.
    pub fn are_of(&self, item: &Item, folder: &Path) -> bool {
        let result = std::fs::read(folder.join("result.json")).ok();
        result.is_some_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == self.result)
            && item.truth_digest().is_ok_and(|truth| truth == self.truth)
    }

    fn overlaps(item: &Item, outcome: &Outcome, choices: &Choices, truth: &Truth) -> Result<Self, MaskError> {
        let record = &outcome.record;
        let mut chosen: BTreeMap<Rule, BTreeMap<u32, Overlap>> = BTreeMap::new();
        for ((n, rule), mask) in &choices.0 {
            chosen.entry(*rule).or_default().insert(*n, Overlap::of(mask.as_ref(), truth)?);
        }
        let candidate =
            |made: &rescue_plugin::Measured| Ok((made.candidate.id, Overlap::of(Some(&made.mask.to_mask()), truth)?));
        let Questions { plan, detect, segment, clip, verify } = record.counts.questions;
        let questions = [("plan", plan), ("detect", detect), ("segment", segment), ("clip", clip), ("verify", verify)];
        Ok(Self {
            form: FORM,
            id: item.id.clone(),
            photo: record.image.sha256.to_string(),
            truth: String::new(),
            result: String::new(),
            nothing: Overlap::of(None, truth)?,
            categories: item.categories.clone(),
            state: serde_json::to_value(record.state)
                .ok()
                .and_then(|state| Some(state.as_str()?.to_owned()))
                .unwrap_or_default(),
            chosen,
            candidates: outcome.candidates.iter().map(candidate).collect::<Result<_, MaskError>>()?,
            questions: questions.map(|(name, count)| (name.to_owned(), count)).into(),
            matches: record.counts.matches,
            abstained: record.counts.abstained,
            failed: record.counts.failed,
        })
    }

    /// Reads the scores in a sample's folder. `None` if there are none that can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let scores: Self = serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()?;
        (scores.form == FORM).then_some(scores)
    }
}
