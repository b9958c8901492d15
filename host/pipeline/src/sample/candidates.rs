//! Turns hypotheses into candidates: makes and measures their masks, and merges near duplicates.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_core::{Photo, Point, Prompt, Rect, Size};
use rescue_mask::{Mask, Rle};
use rescue_plugin::border::exports::rescue::plugin::planner::Proposal;
use rescue_plugin::border::rescue::plugin::types::{Cause, Gone, Hypothesis, Region, Standing};
use rescue_plugin::{Measured, measure};
use rescue_service::Segmented;

use crate::ask::Asker;
use crate::error::RunError;
use crate::progress::Progress;

/// The least alpha, of 255, of a pixel that exists.
const OPAQUE: u8 = 128;

/// What became of each hypothesis that was proposed so far, by id.
pub(crate) type HypothesisOutcomes = BTreeMap<u32, Result<Measured, Cause>>;

/// What a mask may cover: the opaque part of a photo. `None` if nothing is transparent.
pub(crate) fn opaque(photo: &Photo) -> Result<Option<Mask>, rescue_mask::MaskError> {
    photo.alpha().map(|alpha| Mask::from_bytes(photo.size(), alpha, OPAQUE)).transpose()
}

/// Makes the masks of new proposals and adds their outcomes. Equal prompts are asked once.
pub(crate) fn make(
    outcomes: &mut HypothesisOutcomes,
    proposals: Vec<Proposal>,
    photo: &Photo,
    query: &str,
    asker: &mut Asker,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), RunError> {
    let size = photo.size();
    let opaque = opaque(photo)?;
    let mut hypotheses = Vec::new();
    for proposal in proposals {
        match proposal {
            Proposal::Hypothesis(hypothesis) => hypotheses.push(hypothesis),
            Proposal::NoTarget(blank) => drop(outcomes.insert(blank.id, Err(Cause::NoTarget(blank.why)))),
            Proposal::Skipped(blank) => drop(outcomes.insert(blank.id, Err(Cause::Lost(blank.why)))),
        }
    }
    let mut prompts: Vec<Prompt> = Vec::new();
    for region in hypotheses.iter().flat_map(|hypothesis| hypothesis.regions.iter().chain(&hypothesis.without)) {
        if let Some(Ok(prompt)) = asked(region, size)
            && !prompts.contains(&prompt)
        {
            prompts.push(prompt);
        }
    }
    if !prompts.is_empty() {
        progress(Progress::Segmenting(prompts.len()));
    }
    let cuts = asker.segment(&prompts, progress)?;
    let find = |prompt: &Prompt| prompts.iter().position(|known| known == prompt).and_then(|at| cuts.get(at));
    let mut masks = Vec::new();
    let mut ids = Vec::new();
    for hypothesis in hypotheses {
        let id = hypothesis.id;
        let made = assemble(&hypothesis, size, outcomes, find)
            .and_then(|(mask, predicted_iou)| Ok((visible(mask, opaque.as_ref())?, predicted_iou)))
            .and_then(|(mask, predicted_iou)| measure(hypothesis, mask, predicted_iou))
            .map_err(Cause::Lost);
        if let Ok(made) = &made {
            masks.push(made.mask.clone());
            ids.push(id);
        }
        outcomes.insert(id, made);
    }
    let similarities = asker.similarities(&masks, query, progress)?;
    for (id, similarity) in ids.into_iter().zip(similarities) {
        if let Some(Ok(made)) = outcomes.get_mut(&id) {
            made.candidate.similarity = similarity;
        }
    }
    Ok(())
}

/// The part of a mask that covers something visible. The error says that there is none.
fn visible(mut mask: Mask, opaque: Option<&Mask>) -> Result<Mask, String> {
    let Some(opaque) = opaque else { return Ok(mask) };
    mask.intersect_with(opaque).map_err(|error| error.to_string())?;
    if mask.is_empty() { Err("it lies where the photo is transparent".into()) } else { Ok(mask) }
}

/// The prompt of a region as the executor is asked it, its box clipped to the image. `None` if the region needs no executor.
fn asked(region: &Region, size: Size) -> Option<Result<Prompt, String>> {
    let Region::Prompt(prompt) = region else { return None };
    let rect = prompt
        .rect
        .map(|rect| Rect::from(rect).clip(size).ok_or_else(|| "its box is empty or outside the image".to_owned()));
    let points = prompt.points.iter().copied().map(Point::from).collect();
    Some(rect.transpose().map(|rect| Prompt { concept: prompt.concept.clone(), rect, points }))
}

/// The union of a hypothesis' regions minus those that it excludes, and the lowest predicted IoU of its parts.
fn assemble<'a>(
    hypothesis: &Hypothesis,
    size: Size,
    outcomes: &HypothesisOutcomes,
    find: impl Fn(&Prompt) -> Option<&'a Segmented>,
) -> Result<(Mask, Option<f64>), String> {
    let mut predicted_iou: Option<f64> = None;
    let mut part = |region: &Region| -> Result<Mask, String> {
        match region {
            Region::Prompt(_) => {
                let prompt = asked(region, size).unwrap_or_else(|| Err("it is no prompt".into()))?;
                let cut = find(&prompt).ok_or("the executor did not answer it")?.as_ref().map_err(Clone::clone)?;
                predicted_iou = match (predicted_iou, cut.predicted_iou) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                Ok(cut.mask.clone())
            }
            Region::Mask(runs) => {
                Ok(Rle::new(runs.size.into(), runs.counts.clone()).map_err(|error| error.to_string())?.to_mask())
            }
            Region::Candidate(id) => match outcomes.get(id) {
                Some(Ok(made)) => Ok(Mask::clone(&made.mask)),
                _ => Err(format!("candidate {id} has no mask")),
            },
        }
    };
    let mut mask = Mask::new(size);
    for region in &hypothesis.regions {
        mask.union_with(&part(region)?).map_err(|error| error.to_string())?;
    }
    for region in &hypothesis.without {
        mask.subtract(&part(region)?).map_err(|error| error.to_string())?;
    }
    Ok((mask, predicted_iou))
}

/// The candidates that take part, the hypotheses that do not, and what only the whole set tells.
#[derive(Debug, Default)]
pub(crate) struct CandidateSet {
    pub(crate) entered: Vec<Measured>,
    pub(crate) gone: Vec<Gone>,
    pub(crate) standings: Vec<Standing>,
}

/// Merges near duplicates, in the order of ids: a candidate joins the first earlier leader whose mask has at least this IoU with its
/// own. So a prefix of ids always gives the same leaders. Every id below `count` gets an outcome.
pub(crate) fn merge_near_duplicates(
    mut outcomes: HypothesisOutcomes,
    count: u32,
    merge_iou: f64,
) -> Result<CandidateSet, rescue_mask::MaskError> {
    let masks: Vec<Arc<Mask>> = outcomes.values().flatten().map(|made| made.mask.clone()).collect();
    let ious = rescue_mask::iou_matrix(&masks)?;
    let iou = |a: usize, b: usize| ious.get(a * masks.len() + b).copied().unwrap_or(0.0);

    let mut set = CandidateSet::default();
    // For each leader: its index among the masks, and how many candidates it stands for.
    let mut leaders: Vec<(usize, u32)> = Vec::new();
    let mut row = 0;
    for id in 0..count {
        let made = match outcomes.remove(&id) {
            Some(Ok(made)) => made,
            Some(Err(why)) => {
                set.gone.push(Gone { id, why });
                continue;
            }
            None => {
                set.gone.push(Gone { id, why: Cause::Lost("it was not proposed".into()) });
                continue;
            }
        };
        match leaders.iter().position(|(leader, _)| iou(*leader, row) >= merge_iou) {
            Some(at) => {
                let leader = set.entered.get(at).map_or(id, |leader| leader.candidate.id);
                set.gone.push(Gone { id, why: Cause::Merged(leader) });
                if let Some((_, copies)) = leaders.get_mut(at) {
                    *copies += 1;
                }
            }
            None => {
                leaders.push((row, 1));
                set.entered.push(made);
            }
        }
        row += 1;
    }
    for (made, (row, copies)) in set.entered.iter().zip(&leaders) {
        let others = leaders.iter().filter(|(other, _)| other != row);
        let sum: f64 = others.map(|(other, _)| iou(*row, *other)).sum();
        let agreement = if leaders.len() > 1 { sum / (leaders.len() - 1) as f64 } else { 0.0 };
        set.standings.push(Standing { id: made.candidate.id, agreement, copies: *copies, measures: Vec::new() });
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(id: u32, x_min: f64, x_max: f64) -> (u32, Result<Measured, Cause>) {
        let size = Size::new(100, 10);
        let hypothesis = Hypothesis {
            id,
            label: String::new(),
            regions: Vec::new(),
            without: Vec::new(),
            confidence: None,
            reasoning: String::new(),
            origin: String::new(),
            notes: Vec::new(),
        };
        let mask = Mask::from_rect(size, Rect { x_min, y_min: 0.0, x_max, y_max: 10.0 });
        (id, measure(hypothesis, mask, None).map_err(Cause::Lost))
    }

    #[test]
    fn a_candidate_is_measured() {
        let (_, made) = made(3, 10.0, 30.0);
        let candidate = made.unwrap().candidate;
        assert_eq!((candidate.area, candidate.coverage, candidate.components), (200, 0.2, 1));
        assert_eq!((candidate.bounds.x_min, candidate.bounds.x_max), (10.0, 30.0));
    }

    #[test]
    fn near_duplicates_join_the_first_earlier_leader() {
        // 0 and 1 nearly the same, 2 elsewhere, 3 is close to 1, but not close enough to leader 0, 4 missing, 5 lost.
        let mut outcomes: HypothesisOutcomes =
            [made(0, 0.0, 50.0), made(1, 1.0, 50.0), made(2, 60.0, 90.0), made(3, 3.0, 50.0)].into();
        outcomes.insert(5, Err(Cause::Lost("x".into())));
        let set = merge_near_duplicates(outcomes, 6, 0.95).unwrap();
        let entered: Vec<u32> = set.entered.iter().map(|made| made.candidate.id).collect();
        assert_eq!(entered, [0, 2, 3]);
        let gone: Vec<u32> = set.gone.iter().map(|gone| gone.id).collect();
        assert_eq!(gone, [1, 4, 5]);
        assert_eq!(set.gone[0].why, Cause::Merged(0));
        assert_eq!(set.standings[0].copies, 2);
        assert!((set.standings[0].agreement - 0.47).abs() < 1e-12);
    }
}
