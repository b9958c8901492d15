//! The result as it is written down. Nothing in it varies between two runs of the same inputs.

use std::collections::BTreeMap;

use rescue_core::{Digest, Photo, Size};
use rescue_ledger::Key;
use rescue_mask::{Bounds, Mask, MaskError, Rle};
use rescue_plugin::border::exports::rescue::plugin::tournament::Ranking;
use rescue_plugin::border::rescue::plugin::types::Cause;
use rescue_service::ModelId;
use serde::Serialize;

use crate::ask::Questions;
use crate::candidates::{Field, Made};
use crate::crew::{Crew, MemberRecord};
use crate::exchange::Absence;
use crate::options::Options;
use crate::services::Services;

/// The version of the record's form.
const FORM: u32 = 2;
/// Above this probability that none fits, nothing is found.
const NO_TARGET: f64 = 0.5;

/// A result: `result.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The version of this form.
    pub form: u32,
    /// What was sought.
    pub query: String,
    /// The image it was sought in.
    pub image: ImageRecord,
    /// Whether it was found.
    pub found: bool,
    /// Whether every question has an answer.
    pub state: State,
    /// Why it was not found; empty where it was.
    pub reasons: Vec<String>,
    /// What was chosen; none where nothing was found.
    pub chosen: Option<ChosenRecord>,
    /// Every candidate, best first; those merged into another stand right behind it.
    pub ranking: Vec<PlaceRecord>,
    /// The probability that none fits, where the tournament can tell.
    pub no_target: Option<f64>,
    /// Ids that got no mask, and why, in the order of ids.
    pub lost: Vec<LostRecord>,
    /// Questions that have no answer in this run, in the order of keys.
    pub absences: Vec<AbsenceRecord>,
    /// How many of what.
    pub counts: Counts,
    /// The plugins, in the order in which they work.
    pub plugins: Vec<MemberRecord>,
    /// The models, by service.
    pub models: BTreeMap<&'static str, ModelId>,
    /// BLAKE3 over all answers that went into this result, by key. Equal for equal answers.
    pub answers: String,
    /// Hypotheses wanted.
    pub n: u32,
    /// The run's seed.
    pub seed: u64,
    /// Masks that overlap by at least this IoU counted as one.
    pub merge_iou: f64,
    /// What the tournament noted, by name.
    pub notes: BTreeMap<String, String>,
}

/// The image of a result.
#[derive(Clone, Debug, Serialize)]
pub struct ImageRecord {
    /// SHA-256 of its file.
    pub sha256: Digest,
    /// Its size as it is seen.
    #[serde(flatten)]
    pub size: Size,
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
pub struct ChosenRecord {
    /// The best candidate.
    pub id: u32,
    /// All candidates whose union is the answer.
    pub ids: Vec<u32>,
    /// What the planner calls it.
    pub label: String,
    /// Its score in the ranking.
    pub score: f64,
    /// Its mask as COCO tools take it.
    pub rle: Rle,
    /// The smallest box around its mask.
    pub bounds: Bounds,
    /// Pixels in its mask.
    pub area: u32,
}

/// A candidate's place.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceRecord {
    /// Its id: its hypothesis' index.
    pub id: u32,
    /// Its score in the ranking, or that of the candidate that stands for it.
    pub score: f64,
    /// The candidate that stands for it, where it is a near duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<u32>,
    /// What the planner calls it.
    pub label: String,
    /// Which strategy of the planner it came from.
    pub origin: String,
    /// The planner's belief, 0 to 1.
    pub confidence: Option<f64>,
    /// The executor's belief in the mask, 0 to 1.
    pub predicted_iou: Option<f64>,
    /// The smallest box around its mask.
    pub bounds: Bounds,
    /// Pixels in its mask.
    pub area: u32,
    /// Why it was proposed.
    pub reasoning: String,
}

/// An id that has no mask.
#[derive(Clone, Debug, Serialize)]
pub struct LostRecord {
    /// The id.
    pub id: u32,
    /// Why.
    pub why: String,
}

/// How many of what.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Different questions put to each service.
    pub questions: Questions,
    /// Candidates with a mask of their own that took part.
    pub candidates: u32,
    /// Near duplicates, for which another stood.
    pub merged: u32,
    /// Ids that got no mask.
    pub lost: u32,
    /// Matches played.
    pub matches: u32,
    /// Matches that the verifier would not judge.
    pub abstained: u32,
    /// Matches that lacked an answer in this run.
    pub failed: u32,
    /// Answers in words that did not fit their format.
    pub unreadable: u32,
}

/// Whether a result rests on all that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Every question has an answer.
    Complete,
    /// Some have none: see `absences`. Not to be counted with those that are complete.
    Degraded,
    /// The time was over before all were answered.
    Cut,
}

/// A question that has no answer in this run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AbsenceRecord {
    /// The question's key.
    pub key: Key,
    /// Why.
    #[serde(flatten)]
    pub absence: Absence,
}

/// What a record is made of.
pub(crate) struct Facts<'a> {
    pub(crate) photo: &'a Photo,
    pub(crate) query: &'a str,
    pub(crate) options: &'a Options,
    pub(crate) crew: &'a Crew,
    pub(crate) services: &'a Services,
    pub(crate) field: &'a Field,
    pub(crate) candidates: &'a [Made],
    pub(crate) ranking: &'a Ranking,
    pub(crate) counts: Counts,
    pub(crate) state: State,
    pub(crate) absences: Vec<AbsenceRecord>,
    pub(crate) answers: String,
}

impl Record {
    /// The record, and the mask of the answer where there is one.
    pub(crate) fn new(facts: &Facts) -> Result<(Self, Option<Mask>), MaskError> {
        let ranking = facts.ranking;
        let by_id: BTreeMap<u32, &Made> = facts.candidates.iter().map(|made| (made.candidate.id, made)).collect();
        let mut merged: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut lost = Vec::new();
        let mut no_target = Vec::new();
        for gone in &facts.field.gone {
            match &gone.why {
                Cause::Merged(leader) => merged.entry(*leader).or_default().push(gone.id),
                Cause::Lost(why) => lost.push(LostRecord { id: gone.id, why: why.clone() }),
                Cause::NoTarget(why) => no_target.push(why.clone()),
            }
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let counts = Counts {
            candidates: count(facts.field.entered.len()),
            merged: count(merged.values().map(Vec::len).sum()),
            lost: count(lost.len() + no_target.len()),
            ..facts.counts.clone()
        };
        let refused = ranking.no_target.is_some_and(|share| share > NO_TARGET);
        let mask = if refused { None } else { union(&answer_ids(ranking), &by_id)? };
        let record = Self {
            form: FORM,
            query: facts.query.into(),
            image: ImageRecord { sha256: facts.photo.digest(), size: facts.photo.size() },
            found: mask.is_some(),
            state: facts.state,
            reasons: if mask.is_some() { Vec::new() } else { reasons(no_target, refused, &lost) },
            chosen: mask.as_ref().and_then(|mask| chosen(ranking, &by_id, mask)),
            ranking: places(ranking, &by_id, &merged),
            no_target: ranking.no_target,
            lost,
            absences: facts.absences.clone(),
            counts,
            plugins: facts.crew.records(),
            models: facts.services.models().into_iter().map(|(service, model)| (service, model.clone())).collect(),
            answers: facts.answers.clone(),
            n: facts.options.count,
            seed: facts.options.seed.0,
            merge_iou: facts.options.merge_iou,
            notes: ranking.notes.iter().cloned().collect(),
        };
        Ok((record, mask))
    }
}

/// Everyone, best first; those merged into another right behind it.
fn places(ranking: &Ranking, by_id: &BTreeMap<u32, &Made>, merged: &BTreeMap<u32, Vec<u32>>) -> Vec<PlaceRecord> {
    let mut places = Vec::new();
    for place in &ranking.places {
        let own = [(place.id, None)].into_iter();
        let copies = merged.get(&place.id).into_iter().flatten().map(|copy| (*copy, Some(place.id)));
        for (id, merged_into) in own.chain(copies) {
            places.extend(by_id.get(&id).map(|made| placed(made, place.score, merged_into)));
        }
    }
    places
}

/// The union of these candidates' masks; none where there are no candidates.
fn union(ids: &[u32], by_id: &BTreeMap<u32, &Made>) -> Result<Option<Mask>, MaskError> {
    let mut union: Option<Mask> = None;
    for made in ids.iter().filter_map(|id| by_id.get(id)) {
        match &mut union {
            Some(union) => union.union_with(&made.mask)?,
            None => union = Some(Mask::clone(&made.mask)),
        }
    }
    Ok(union)
}

fn answer_ids(ranking: &Ranking) -> Vec<u32> {
    match &ranking.answer {
        Some(answer) => answer.clone(),
        None => ranking.places.first().map(|place| place.id).into_iter().collect(),
    }
}

fn chosen(ranking: &Ranking, by_id: &BTreeMap<u32, &Made>, mask: &Mask) -> Option<ChosenRecord> {
    let ids = answer_ids(ranking);
    let first = ranking.places.iter().find(|place| ids.contains(&place.id))?;
    Some(ChosenRecord {
        id: first.id,
        label: by_id.get(&first.id)?.candidate.label.clone(),
        score: first.score,
        rle: mask.to_rle(),
        bounds: mask.bounds()?,
        area: mask.area(),
        ids,
    })
}

fn placed(made: &Made, score: f64, merged_into: Option<u32>) -> PlaceRecord {
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

/// Why nothing was found: what the planner says, else what the tournament says, else what became of the proposals.
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
