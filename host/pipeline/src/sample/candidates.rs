//! Turns hypotheses into candidates: has their masks made, measures them, and has them compared with the query.

use std::collections::BTreeMap;

use rescue_core::{Photo, Point, Prompt, Rect, Size};
use rescue_ledger::Key;
use rescue_mask::{Mask, Rle};
use rescue_plugin::border::exports::rescue::plugin::planner::Proposal;
use rescue_plugin::border::rescue::plugin::types::{Cause, Hypothesis, Region};
use rescue_plugin::{Measured, measure};
use rescue_service::{Segment, Segmented};

use crate::ask::{Asker, QuestionKind};
use crate::error::RunError;

/// The least alpha, of 255, of a pixel that exists.
const OPAQUE: u8 = 128;

/// What became of each hypothesis that was proposed so far, by id.
pub(crate) type HypothesisOutcomes = BTreeMap<u32, Result<Measured, Cause>>;

/// Hypotheses with their measured masks, by id. A mask depends on its hypothesis and on answers alone, so whoever has both can use it.
pub(crate) type MadeMasks = BTreeMap<u32, (Hypothesis, Measured)>;

/// What a mask may cover: the opaque part of a photo. `None` if nothing is transparent.
pub(crate) fn opaque(photo: &Photo) -> Result<Option<Mask>, rescue_mask::MaskError> {
    photo.alpha().map(|alpha| Mask::from_bytes(photo.size(), alpha, OPAQUE)).transpose()
}

/// The hypotheses of one sample on their way to candidates.
pub(crate) struct Candidates {
    size: Size,
    opaque: Option<Mask>,
    /// Hypotheses without an outcome, in the order proposed.
    open: Vec<Open>,
    outcomes: HypothesisOutcomes,
    /// Masks that were made before from the same answers.
    earlier: MadeMasks,
    made: MadeMasks,
}

/// A hypothesis without an outcome.
enum Open {
    /// It waits for the answers to its prompts.
    Prompts(Hypothesis, Vec<(Prompt, Key)>),
    /// It waits for its similarity to the query.
    Similarity(Measured, Key),
}

impl Candidates {
    /// `earlier`: masks of hypotheses of the same sample that were made from the same answers.
    pub(crate) fn new(photo: &Photo, earlier: MadeMasks) -> Result<Self, rescue_mask::MaskError> {
        Ok(Self {
            size: photo.size(),
            opaque: opaque(photo)?,
            open: Vec::new(),
            outcomes: BTreeMap::new(),
            earlier,
            made: BTreeMap::new(),
        })
    }

    /// What became of the hypotheses so far.
    pub(crate) fn outcomes(&self) -> &HypothesisOutcomes {
        &self.outcomes
    }

    /// Whether all hypotheses have an outcome.
    pub(crate) fn all_ended(&self) -> bool {
        self.open.is_empty()
    }

    /// Fails if the executor or the image-text model has answered none of the sample's questions.
    pub(crate) fn check_services(&self, asker: &Asker) -> Result<(), RunError> {
        asker.check_services(&[QuestionKind::Segment, QuestionKind::Clip], true)
    }

    /// The masks that were made.
    pub(crate) fn into_made(self) -> MadeMasks {
        self.made
    }

    /// Takes in a proposal, and asks for its masks.
    pub(crate) fn propose(&mut self, proposal: Proposal, asker: &mut Asker) -> Result<(), RunError> {
        let hypothesis = match proposal {
            Proposal::Hypothesis(hypothesis) => hypothesis,
            Proposal::NoTarget(blank) => {
                self.end(blank.id, Err(Cause::NoTarget(blank.why)));
                return Ok(());
            }
            Proposal::Skipped(blank) => {
                self.end(blank.id, Err(Cause::Lost(blank.why)));
                return Ok(());
            }
        };
        let mut prompts: Vec<(Prompt, Key)> = Vec::new();
        for region in hypothesis.regions.iter().chain(&hypothesis.without) {
            if let Some(Ok(prompt)) = asked(region, self.size)
                && !prompts.iter().any(|(known, _)| *known == prompt)
            {
                let key = asker.segment(&prompt)?;
                prompts.push((prompt, key));
            }
        }
        self.open.push(Open::Prompts(hypothesis, prompts));
        Ok(())
    }

    /// Goes on with each hypothesis whose answers are there. Returns the ids of those that have an outcome now.
    pub(crate) fn advance(&mut self, asker: &mut Asker) -> Result<Vec<u32>, RunError> {
        let mut ended = Vec::new();
        for open in std::mem::take(&mut self.open) {
            let open = match open {
                Open::Prompts(hypothesis, prompts) => self.make(hypothesis, prompts, asker, &mut ended)?,
                similarity @ Open::Similarity(..) => Some(similarity),
            };
            match open {
                Some(Open::Similarity(mut made, key)) => match asker.similar(key) {
                    Some(similarity) => {
                        made.candidate.similarity = similarity;
                        ended.push(made.candidate.id);
                        self.end(made.candidate.id, Ok(made));
                    }
                    None => self.open.push(Open::Similarity(made, key)),
                },
                waiting => self.open.extend(waiting),
            }
        }
        Ok(ended)
    }

    fn end(&mut self, id: u32, outcome: Result<Measured, Cause>) {
        self.outcomes.insert(id, outcome);
    }

    /// Makes the mask of a hypothesis if the answers to all its prompts are there, and asks for its similarity. `None` if it has ended.
    fn make(
        &mut self,
        hypothesis: Hypothesis,
        prompts: Vec<(Prompt, Key)>,
        asker: &mut Asker,
        ended: &mut Vec<u32>,
    ) -> Result<Option<Open>, RunError> {
        let id = hypothesis.id;
        if !prompts.iter().all(|(_, key)| asker.has_outcome(*key)) {
            return Ok(Some(Open::Prompts(hypothesis, prompts)));
        }
        let mut cuts: Vec<(&Prompt, Segmented)> = Vec::new();
        for (prompt, key) in &prompts {
            cuts.push((prompt, asker.segmented(*key)?));
        }
        let find = |prompt: &Prompt| cuts.iter().find(|(known, _)| *known == prompt).map(|(_, cut)| cut);
        let made = match self.earlier.remove(&id) {
            Some((of, made)) if of == hypothesis && cuts.iter().all(|(_, cut)| cut.is_ok()) => Ok(made),
            _ => assemble(&hypothesis, self.size, &self.outcomes, find)
                .and_then(|(mask, predicted_iou)| Ok((visible(mask, self.opaque.as_ref())?, predicted_iou)))
                .and_then(|(mask, predicted_iou)| measure(hypothesis.clone(), mask, predicted_iou)),
        };
        let made = match made {
            Ok(made) => made,
            Err(why) => {
                ended.push(id);
                self.end(id, Err(Cause::Lost(why)));
                return Ok(None);
            }
        };
        // A part that is another candidate may be another one in another pass.
        let of_candidates = |region: &Region| matches!(region, Region::Candidate(_));
        if !hypothesis.regions.iter().chain(&hypothesis.without).any(of_candidates) {
            self.made.insert(id, (hypothesis, made.clone()));
        }
        if let Some(key) = asker.similarity(&made.mask)? {
            return Ok(Some(Open::Similarity(made, key)));
        }
        ended.push(id);
        self.end(id, Ok(made));
        Ok(None)
    }
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
                let cut: &Segment =
                    find(&prompt).ok_or("the executor did not answer it")?.as_ref().map_err(Clone::clone)?;
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
                Some(Ok(made)) => Ok(made.mask.to_mask()),
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
