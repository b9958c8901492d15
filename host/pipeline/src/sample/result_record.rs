//! The result, as `result.json` holds it. Nothing in it varies between two runs with the same inputs and answers.

use std::collections::BTreeMap;

use rescue_core::{Digest, Photo, Size};
use rescue_mask::{Bounds, Mask, Rle};
use rescue_plugin::Measured;
use rescue_plugin::border::exports::rescue::plugin::tournament::Ranking;
use rescue_plugin::border::rescue::plugin::types::Cause;
use rescue_service::ModelId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Place};
use super::options::Options;
use super::prefix::Prefix;
use super::rests_on::RestsOn;
use crate::ask::{Questions, Readings};
use crate::exchange::AbsenceRecord;
use crate::plugins::{PluginRecord, PluginSet};
use crate::services::Services;

/// The version of `result.json`.
pub const RESULT_FORM: u32 = 3;

/// A result: `result.json`.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Record {
    /// The version of this format.
    pub form: u32,
    /// What was searched for.
    pub query: String,
    /// The image that was searched.
    pub image: ImageRecord,
    /// Whether it was found.
    pub found: bool,
    /// Whether every question has an answer that could be read.
    pub state: State,
    /// Why it was not found; empty if it was.
    pub reasons: Vec<String>,
    /// The answer. `None` if nothing was found.
    pub chosen: Option<ChosenRecord>,
    /// Every candidate, best first; near duplicates stand right after the candidate they were merged into.
    pub ranking: Vec<PlaceRecord>,
    /// The probability that no candidate fits, 0 to 1. `None` if the tournament does not estimate it.
    pub no_target: Option<f64>,
    /// The hypotheses that lost their mask, and why, in the order of ids. Those for which the planner saw no target are not listed.
    pub lost: Vec<LostRecord>,
    /// The questions without an answer in this run, in the order of keys.
    pub absences: Vec<AbsenceRecord>,
    /// How the answers of models in words could be read, by service.
    pub readings: BTreeMap<&'static str, Readings>,
    /// Counts of questions, candidates and matches.
    pub counts: Counts,
    /// The plugins, in the order in which they work.
    pub plugins: Vec<PluginRecord>,
    /// The models, by service.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, String>>")]
    pub models: BTreeMap<&'static str, ModelId>,
    /// The optional parts that the requests to each service did not have, because they are switched off or the server refused them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub without: BTreeMap<&'static str, Vec<&'static str>>,
    /// BLAKE3 over the keys and digests of all answers that this result rests on.
    pub answers: String,
    /// The number of hypotheses that the planner was asked for.
    pub n: u32,
    /// The run's seed.
    pub seed: u64,
    /// Masks with at least this IoU counted as near duplicates.
    pub merge_iou: f64,
    /// The tournament's notes, by name.
    pub notes: BTreeMap<String, String>,
}

/// The image of a result.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ImageRecord {
    /// SHA-256 of its file.
    #[schemars(with = "String")]
    pub sha256: Digest,
    /// Its size in pixels, after it was turned as its EXIF data says.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, u32>")]
    pub size: Size,
    /// The grey value of the ground over which transparent parts are shown, 0 to 255. `None` if nothing is transparent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<u8>,
}

/// The chosen candidate.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ChosenRecord {
    /// The id of the best-ranked candidate in `ids`.
    pub id: u32,
    /// The ids of all candidates whose union is the answer.
    pub ids: Vec<u32>,
    /// The planner's name for it.
    pub label: String,
    /// Its score in the ranking.
    pub score: f64,
    /// What its place rests on. `None` if it was the only candidate and met no verifier.
    pub rests_on: Option<RestsOn>,
    /// The answer's mask as COCO run-length encoding.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub rle: Rle,
    /// The smallest box around the mask, in pixels.
    #[schemars(with = "BTreeMap<String, u32>")]
    pub bounds: Bounds,
    /// The number of pixels in the mask.
    pub area: u32,
}

/// A candidate in the ranking.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct PlaceRecord {
    /// Its id: the index of its hypothesis.
    pub id: u32,
    /// Its score in the ranking; a near duplicate has the score of the candidate that it was merged into.
    pub score: f64,
    /// The candidate that it was merged into. `None` if it took part itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<u32>,
    /// The planner's name for it.
    pub label: String,
    /// The planner's strategy that proposed it.
    pub origin: String,
    /// The planner's confidence, 0 to 1. `None` if the planner gave none.
    pub confidence: Option<f64>,
    /// The executor's predicted IoU of the mask, 0 to 1. `None` if the executor gives none.
    pub predicted_iou: Option<f64>,
    /// The smallest box around the mask, in pixels.
    #[schemars(with = "BTreeMap<String, u32>")]
    pub bounds: Bounds,
    /// The number of pixels in the mask.
    pub area: u32,
    /// Why it was proposed.
    pub reasoning: String,
}

/// A hypothesis that got no mask.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct LostRecord {
    /// Its id.
    pub id: u32,
    /// Why.
    pub why: String,
}

/// Counts of questions, candidates and matches.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub struct Counts {
    /// The different questions put to each service.
    pub questions: Questions,
    /// The candidates that took part in the tournament.
    pub candidates: u32,
    /// The near duplicates that were merged into another candidate.
    pub merged: u32,
    /// The hypotheses that got no mask, those for which the planner saw no target included.
    pub lost: u32,
    /// All matches.
    pub matches: u32,
    /// The matches in which the verifier abstained.
    pub abstained: u32,
    /// The matches that failed for want of an answer in this run.
    pub failed: u32,
    /// The answers in words from which nothing could be read; see `readings`.
    pub unreadable: u32,
    /// The predicted IoUs and similarities that lay slightly outside their range, and were taken as the nearest number inside.
    pub clamped: u32,
}

/// Whether every question of a result has an answer that could be read. Do not pool results of other states with complete ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Every question has an answer, and at most a tenth of any service's answers in words were unreadable.
    Complete,
    /// Every question has an answer, but more than a tenth of a service's answers in words were unreadable: see `readings`.
    Unreadable,
    /// Some questions have no answer: see `absences`.
    Degraded,
    /// The sample's deadline passed before all questions had an answer.
    Cut,
}

/// What a record is made of.
pub(crate) struct Facts<'a> {
    pub(crate) photo: &'a Photo,
    pub(crate) query: &'a str,
    pub(crate) options: &'a Options,
    pub(crate) plugins: &'a PluginSet,
    pub(crate) services: &'a Services,
    pub(crate) prefix: &'a Prefix,
    pub(crate) ranking: &'a Ranking,
    pub(crate) answer: &'a Answer,
    pub(crate) counts: Counts,
    pub(crate) state: State,
    pub(crate) rests_on: &'a dyn Fn(u32) -> Option<RestsOn>,
    pub(crate) readings: BTreeMap<&'static str, Readings>,
    pub(crate) absences: Vec<AbsenceRecord>,
    pub(crate) answers: String,
}

impl Record {
    /// The record of a search.
    pub(crate) fn new(facts: &Facts) -> Self {
        let Facts { prefix, ranking, answer, .. } = facts;
        let candidates = prefix.candidates.iter();
        let by_id: BTreeMap<u32, &Measured> = candidates.map(|made| (made.candidate.id, made)).collect();
        let (mut merged, mut lost, mut no_target) = (0, Vec::new(), Vec::new());
        for gone in &prefix.gone {
            match &gone.why {
                Cause::Merged(_) => merged += 1,
                Cause::Lost(why) => lost.push(LostRecord { id: gone.id, why: why.clone() }),
                Cause::NoTarget(why) => no_target.push(why.clone()),
            }
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let counts = Counts {
            candidates: count(prefix.entered.len()),
            merged,
            lost: count(lost.len() + no_target.len()),
            ..facts.counts.clone()
        };
        let found = answer.mask.is_some();
        Self {
            form: RESULT_FORM,
            query: facts.query.into(),
            image: ImageRecord { sha256: facts.photo.digest(), size: facts.photo.size(), ground: facts.photo.ground() },
            found,
            state: facts.state,
            reasons: if found { Vec::new() } else { reasons(no_target, answer.refused, &lost) },
            chosen: answer.mask.as_ref().and_then(|mask| chosen(facts, &by_id, mask)),
            ranking: answer.places.iter().filter_map(|place| Some(placed(by_id.get(&place.id)?, *place))).collect(),
            no_target: ranking.no_target,
            lost,
            absences: facts.absences.clone(),
            readings: facts.readings.clone(),
            counts,
            plugins: facts.plugins.records(),
            models: facts.services.models().into_iter().map(|(name, model)| (name.as_str(), model.clone())).collect(),
            without: facts.services.without(),
            answers: facts.answers.clone(),
            n: facts.options.count,
            seed: facts.options.seed.0,
            merge_iou: facts.options.merge_iou,
            notes: ranking.notes.iter().cloned().collect(),
        }
    }
}

fn chosen(facts: &Facts, by_id: &BTreeMap<u32, &Measured>, mask: &Mask) -> Option<ChosenRecord> {
    let ids = facts.answer.ids.clone();
    let first = facts.ranking.places.iter().find(|place| ids.contains(&place.id))?;
    Some(ChosenRecord {
        id: first.id,
        label: by_id.get(&first.id)?.candidate.label.clone(),
        score: first.score,
        rests_on: (facts.rests_on)(first.id),
        rle: mask.to_rle(),
        bounds: mask.bounds()?,
        area: mask.area(),
        ids,
    })
}

fn placed(made: &Measured, place: Place) -> PlaceRecord {
    let Place { score, merged_into, .. } = place;
    let candidate = &made.candidate;
    PlaceRecord {
        id: candidate.id,
        score,
        merged_into,
        label: candidate.label.clone(),
        origin: candidate.origin.clone(),
        confidence: candidate.confidence,
        predicted_iou: candidate.predicted_iou,
        bounds: made.mask.bounds().unwrap_or(Bounds { x_min: 0, y_min: 0, x_max: 0, y_max: 0 }),
        area: candidate.area,
        reasoning: made.reasoning.clone(),
    }
}

/// Why nothing was found: the planner's reasons, else the tournament's, else why the hypotheses got no masks.
fn reasons(mut no_target: Vec<String>, refused: bool, lost: &[LostRecord]) -> Vec<String> {
    no_target.dedup();
    if no_target.is_empty() && refused {
        no_target.push("the tournament holds it more likely than not that no candidate fits".into());
    }
    if no_target.is_empty() {
        no_target.extend(lost.iter().map(|lost| lost.why.clone()));
        no_target.sort();
        no_target.dedup();
    }
    no_target
}
