//! The made-up sample of a rehearsal: the photo, the candidates, and the hidden quality of each.

use std::sync::Arc;

use rescue_core::{Photo, Seed};
use rescue_mask::CompactMask;

use super::Rehearsal;
use super::random::Random;
use super::scene::{self, Thing};
use crate::border::rescue::plugin::types::{Brief, Candidate, Cause as Why, Gone, Hypothesis, Score, Standing};
use crate::error::{Cause, PluginError};
use crate::kind::Kind;
use crate::measure::{Measured, measure};
use crate::plugin::Plugin;
use crate::sample::Sample;
use crate::trace::Traces;

/// Candidates whose masks have at least this IoU are merged.
const MERGE_IOU: f64 = 0.95;

/// A made-up sample.
pub struct World {
    pub(crate) seed: u64,
    pub(crate) perfect: bool,
    pub(crate) photo: Arc<Photo>,
    pub(crate) things: Vec<Thing>,
    query: String,
    count: u32,
    traces: Option<Traces>,
    /// All candidates with their masks, also those that were merged into others.
    made: Vec<Measured>,
    candidates: Vec<Candidate>,
    gone: Vec<Gone>,
    standings: Vec<Standing>,
}

impl World {
    pub(crate) fn new(rehearsal: &Rehearsal) -> Result<Self, PluginError> {
        let things = scene::things(rehearsal.seed, rehearsal.image);
        let photo = scene::photo(&things, rehearsal.image).map_err(|why| {
            PluginError::load("rehearsal", None, Cause::Host(format!("the made-up photo cannot be drawn: {why}")))
        })?;
        let mut world = Self {
            seed: rehearsal.seed,
            perfect: rehearsal.perfect,
            photo,
            things,
            query: rehearsal.query.clone(),
            count: rehearsal.count,
            traces: rehearsal.traces.clone(),
            made: Vec::new(),
            candidates: Vec::new(),
            gone: Vec::new(),
            standings: Vec::new(),
        };
        world.populate();
        Ok(world)
    }

    /// The candidates that entered, in the order of ids.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The ids that did not become candidates, in the order of ids.
    pub fn gone(&self) -> &[Gone] {
        &self.gone
    }

    /// What is known of each candidate once all are known, in the order of ids.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// How good a candidate really is, from 0.05 up to 1. Plugins are not told.
    pub fn quality(&self, id: u32) -> f64 {
        Random::new(self.seed, "quality", &id.to_le_bytes()).between(0.05, 1.0)
    }

    /// The id of the best candidate; `None` if there is no candidate.
    pub fn best(&self) -> Option<u32> {
        let ids = self.candidates.iter().map(|candidate| candidate.id);
        ids.max_by(|a, b| self.quality(*a).total_cmp(&self.quality(*b)))
    }

    /// Scores as a scorer might give them: they roughly follow the quality. Some candidates have none, except in a perfect world.
    pub fn scores(&self) -> Vec<Score> {
        let ids = self.candidates.iter().map(|candidate| candidate.id).filter(|id| self.perfect || id % 7 != 6);
        ids.map(|id| Score { id, value: 100.0 * self.hint("score", id) }).collect()
    }

    /// The sample with all candidates. A session may look up those that it was told of.
    pub fn sample(&self) -> Arc<Sample> {
        let sample = self.bare();
        for made in &self.made {
            sample.enter(made.candidate.id, made.mask.clone(), made.reasoning.clone());
        }
        sample
    }

    /// The sample without candidates.
    pub(crate) fn bare(&self) -> Arc<Sample> {
        let sample = Sample::new(self.photo.clone());
        Arc::new(match &self.traces {
            Some(traces) => sample.with_traces(traces.clone()),
            None => sample,
        })
    }

    /// The brief for a session of this kind. `words` make the seeds of sessions of one kind differ. Fails if the settings do not fit.
    pub(crate) fn brief(
        &self,
        plugin: &Plugin,
        kind: Kind,
        settings: &serde_json::Map<String, serde_json::Value>,
        words: &[u8],
    ) -> Result<Brief, PluginError> {
        let digest = self.photo.digest();
        let words = [kind.name().as_bytes(), digest.bytes(), self.query.as_bytes(), words];
        Ok(Brief {
            query: self.query.clone(),
            image: self.photo.size().into(),
            count: self.count,
            room: plugin.loaded.limits.room,
            settings: plugin.settings(kind, settings)?,
            seed: Seed(self.seed).derive(words),
            context: Vec::new(),
        })
    }

    /// A number that is partly the quality and partly random, 0 to 1.
    fn hint(&self, purpose: &str, id: u32) -> f64 {
        0.6 * self.quality(id) + 0.4 * Random::new(self.seed, purpose, &id.to_le_bytes()).unit()
    }

    /// Decides what becomes of every id. Merges as a run does: in the order of ids, each joins the first earlier candidate whose
    /// mask nearly equals its own.
    fn populate(&mut self) {
        let mut results: Vec<Result<Measured, Why>> = Vec::new();
        for id in 0..self.count {
            let result = self.candidate(id, &results);
            results.push(result);
        }
        let made: Vec<&Measured> = results.iter().flatten().collect();
        let masks: Vec<&CompactMask> = made.iter().map(|made| made.mask.as_ref()).collect();
        // This cannot fail: all masks have the image's size.
        let ious = CompactMask::iou_matrix(&masks).unwrap_or_default();
        let iou = |a: usize, b: usize| ious.get(a * masks.len() + b).copied().unwrap_or(0.0);
        // For each leader: its id, its row in the matrix, and how many candidates it stands for.
        let mut leaders: Vec<(u32, usize, u32)> = Vec::new();
        let mut row = 0;
        for (id, result) in (0..).zip(&results) {
            let made = match result {
                Ok(made) => made,
                Err(why) => {
                    self.gone.push(Gone { id, why: why.clone() });
                    continue;
                }
            };
            match leaders.iter_mut().find(|(_, leader, _)| iou(*leader, row) >= MERGE_IOU) {
                Some((leader, _, copies)) => {
                    *copies += 1;
                    self.gone.push(Gone { id, why: Why::Merged(*leader) });
                }
                None => {
                    leaders.push((id, row, 1));
                    self.candidates.push(made.candidate.clone());
                }
            }
            row += 1;
        }
        for (id, row, copies) in &leaders {
            let sum: f64 =
                leaders.iter().filter(|(other, ..)| other != id).map(|(_, other, _)| iou(*row, *other)).sum();
            let agreement = if leaders.len() > 1 { sum / (leaders.len() - 1) as f64 } else { 0.0 };
            self.standings.push(Standing { id: *id, agreement, copies: *copies, measures: Vec::new() });
        }
        self.made = results.into_iter().flatten().collect();
    }

    /// The candidate of an id, or why it has none. `earlier`: the same for all lower ids.
    fn candidate(&self, id: u32, earlier: &[Result<Measured, Why>]) -> Result<Measured, Why> {
        let copied = match id % 12 {
            5 => return Err(Why::Lost("its mask is empty".into())),
            11 => return Err(Why::NoTarget("nothing in the photo fits".into())),
            8 => earlier.iter().flatten().next(),
            _ => None,
        };
        let mut random = Random::new(self.seed, "mask", &id.to_le_bytes());
        let thing = self.things.get(id as usize % self.things.len().max(1));
        let thing = thing.ok_or_else(|| Why::Lost("the photo is empty".into()))?;
        let mask = match copied {
            Some(made) => made.mask.to_mask(),
            None => thing.shape.jittered(0.3, &mut random).mask(self.photo.size()),
        };
        let rect = thing.shape.rect;
        let edges = [rect.x_min, rect.y_min, rect.x_max, rect.y_max].map(|edge| format!("{edge:.1}")).join(",");
        let hypothesis = Hypothesis {
            id,
            label: thing.name.clone(),
            regions: Vec::new(),
            without: Vec::new(),
            confidence: (id % 5 != 4).then(|| self.hint("confidence", id)),
            reasoning: format!("a {} is seen", thing.name),
            origin: "rehearsal".into(),
            notes: vec![
                ("box".into(), edges),
                ("detection".into(), format!("{:.3}", self.hint("detection", id))),
                ("object".into(), (id as usize % self.things.len()).to_string()),
            ],
        };
        measure(hypothesis, mask, (id % 3 != 2).then(|| self.hint("predicted IoU", id))).map_err(Why::Lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rescue_core::Size;

    fn world(rehearsal: &Rehearsal) -> World {
        rehearsal.world().unwrap()
    }

    #[test]
    fn every_id_either_enters_or_is_gone_for_each_of_the_causes() {
        for seed in 0..20 {
            let world = world(&Rehearsal { seed, ..Rehearsal::default() });
            let mut ids: Vec<u32> = world.candidates().iter().map(|candidate| candidate.id).collect();
            ids.extend(world.gone().iter().map(|gone| gone.id));
            ids.sort_unstable();
            assert_eq!(ids, (0..16).collect::<Vec<_>>());
            for is in [
                (|why| matches!(why, Why::Merged(_))) as fn(&Why) -> bool,
                |why| matches!(why, Why::Lost(_)),
                |why| matches!(why, Why::NoTarget(_)),
            ] {
                assert!(world.gone().iter().any(|gone| is(&gone.why)), "{seed}: {:?}", world.gone());
            }
            let copies: u32 = world.standings().iter().map(|standing| standing.copies).sum();
            assert_eq!(copies as usize, world.made.len());
            assert!(world.standings().iter().any(|standing| standing.agreement > 0.0));
        }
    }

    #[test]
    fn the_world_depends_on_its_seed_alone() {
        let of = |seed| {
            let world = world(&Rehearsal { seed, ..Rehearsal::default() });
            (world.photo.digest(), format!("{:?}", world.candidates()), world.best())
        };
        assert_eq!(of(3), of(3));
        assert_ne!(of(3).0, of(4).0);
    }

    #[test]
    fn an_empty_photo_is_possible_and_one_that_is_too_large_is_refused() {
        let least = world(&Rehearsal { count: 0, image: Size::new(0, 0), ..Rehearsal::default() });
        assert_eq!((least.candidates().len(), least.best()), (0, None));
        let empty = world(&Rehearsal { image: Size::new(0, 0), ..Rehearsal::default() });
        assert_eq!((empty.candidates().len(), empty.gone().len()), (0, 16));
        let large = Rehearsal { image: Size::new(u32::MAX, u32::MAX), ..Rehearsal::default() }.world();
        assert!(large.err().unwrap().to_string().contains("at most 67108864 in all"));
    }
}
