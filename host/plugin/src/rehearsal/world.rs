//! What a rehearsal knows and a plugin is told piece by piece: the photo, the candidates, and how good each really is.

use std::sync::Arc;

use rescue_core::{Photo, Seed, Size};
use rescue_mask::Mask;

use super::Rehearsal;
use super::dice::Dice;
use super::executor::{Made, measure};
use super::scene::{self, Thing};
use crate::border::rescue::plugin::types::{self, Brief, Candidate, Cause as Fate, Gone, Hypothesis, Score, Standing};
use crate::error::{Cause, PluginError};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::sample::Sample;
use crate::trace::Traces;

/// Masks that overlap by at least this IoU count as one.
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
    made: Vec<Made>,
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

    /// The ids that did not become candidates, in their order.
    pub fn gone(&self) -> &[Gone] {
        &self.gone
    }

    /// What the full set tells, in the order of ids.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// How good a candidate really is, from .05 up to 1. No plugin is told.
    pub fn quality(&self, id: u32) -> f64 {
        Dice::new(self.seed, "quality", &id.to_le_bytes()).between(0.05, 1.0)
    }

    /// The best candidate of all; none where none entered.
    pub fn best(&self) -> Option<u32> {
        let ids = self.candidates.iter().map(|candidate| candidate.id);
        ids.max_by(|a, b| self.quality(*a).total_cmp(&self.quality(*b)))
    }

    /// A scorer's numbers: they follow the quality from afar, and some candidates have none.
    pub fn scores(&self) -> Vec<Score> {
        let ids = self.candidates.iter().map(|candidate| candidate.id).filter(|id| self.perfect || id % 7 != 6);
        ids.map(|id| Score { id, value: 100.0 * self.hint("score", id) }).collect()
    }

    /// The sample, in which every mask can be looked up once a session was told of it.
    pub fn sample(&self) -> Arc<Sample> {
        let sample = self.bare();
        for made in &self.made {
            sample.enter(made.candidate.id, made.mask.clone(), made.reasoning.clone());
        }
        sample
    }

    /// The sample before anything was proposed.
    pub(crate) fn bare(&self) -> Arc<Sample> {
        let sample = Sample::new(self.photo.clone());
        Arc::new(match &self.traces {
            Some(traces) => sample.with_traces(traces.clone()),
            None => sample,
        })
    }

    /// What a session of this kind is about. `words` tell sessions of one kind apart.
    pub(crate) fn brief(
        &self,
        plugin: &Plugin,
        kind: Kind,
        settings: &serde_json::Map<String, serde_json::Value>,
        words: &[u8],
    ) -> Result<Brief, PluginError> {
        let Size { width, height } = self.photo.size();
        let digest = self.photo.digest();
        let words = [kind.name().as_bytes(), digest.bytes(), self.query.as_bytes(), words];
        Ok(Brief {
            query: self.query.clone(),
            image: types::Size { width, height },
            count: self.count,
            room: plugin.loaded.limits.room,
            settings: plugin.settings(kind, settings)?,
            seed: Seed(self.seed).derive(words),
            context: Vec::new(),
        })
    }

    /// Something between the quality and chance, 0 to 1.
    fn hint(&self, purpose: &str, id: u32) -> f64 {
        0.6 * self.quality(id) + 0.4 * Dice::new(self.seed, purpose, &id.to_le_bytes()).unit()
    }

    /// Gives every id its fate. What stands for what is found as in a run: in the order of ids, each joins the first earlier one
    /// that it nearly equals.
    fn populate(&mut self) {
        let mut fates: Vec<Result<Made, Fate>> = Vec::new();
        for id in 0..self.count {
            let fate = self.fate(id, &fates);
            fates.push(fate);
        }
        let made: Vec<&Made> = fates.iter().flatten().collect();
        let masks: Vec<&Mask> = made.iter().map(|made| made.mask.as_ref()).collect();
        // All masks are of the image's size.
        let ious = rescue_mask::iou_matrix(&masks).unwrap_or_default();
        let iou = |a: usize, b: usize| ious.get(a * masks.len() + b).copied().unwrap_or(0.0);
        let mut leaders: Vec<(u32, usize, u32)> = Vec::new();
        let mut row = 0;
        for (id, fate) in (0..).zip(&fates) {
            let made = match fate {
                Ok(made) => made,
                Err(why) => {
                    self.gone.push(Gone { id, why: why.clone() });
                    continue;
                }
            };
            match leaders.iter_mut().find(|(_, leader, _)| iou(*leader, row) >= MERGE_IOU) {
                Some((leader, _, copies)) => {
                    *copies += 1;
                    self.gone.push(Gone { id, why: Fate::Merged(*leader) });
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
        self.made = fates.into_iter().flatten().collect();
    }

    /// What becomes of an id; `earlier` are the fates of those below it.
    fn fate(&self, id: u32, earlier: &[Result<Made, Fate>]) -> Result<Made, Fate> {
        let copied = match id % 12 {
            5 => return Err(Fate::Lost("its mask is empty".into())),
            11 => return Err(Fate::NoTarget("nothing in the photo fits".into())),
            8 => earlier.iter().flatten().next(),
            _ => None,
        };
        let mut dice = Dice::new(self.seed, "mask", &id.to_le_bytes());
        let thing = self.things.get(id as usize % self.things.len().max(1));
        let thing = thing.ok_or_else(|| Fate::Lost("the photo is empty".into()))?;
        let mask = match copied {
            Some(made) => Mask::clone(&made.mask),
            None => thing.shape.jittered(0.3, &mut dice).mask(self.photo.size()),
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
        measure(hypothesis, mask, (id % 3 != 2).then(|| self.hint("predicted IoU", id))).map_err(Fate::Lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(rehearsal: &Rehearsal) -> World {
        rehearsal.world().unwrap()
    }

    #[test]
    fn every_id_has_one_fate_and_every_fate_is_met() {
        for seed in 0..20 {
            let world = world(&Rehearsal { seed, ..Rehearsal::default() });
            let mut ids: Vec<u32> = world.candidates().iter().map(|candidate| candidate.id).collect();
            ids.extend(world.gone().iter().map(|gone| gone.id));
            ids.sort_unstable();
            assert_eq!(ids, (0..16).collect::<Vec<_>>());
            for is in [
                (|why| matches!(why, Fate::Merged(_))) as fn(&Fate) -> bool,
                |why| matches!(why, Fate::Lost(_)),
                |why| matches!(why, Fate::NoTarget(_)),
            ] {
                assert!(world.gone().iter().any(|gone| is(&gone.why)), "{seed}: {:?}", world.gone());
            }
            let copies: u32 = world.standings().iter().map(|standing| standing.copies).sum();
            assert_eq!(copies as usize, world.made.len());
            assert!(world.standings().iter().any(|standing| standing.agreement > 0.0));
        }
    }

    #[test]
    fn the_world_follows_its_seed() {
        let of = |seed| {
            let world = world(&Rehearsal { seed, ..Rehearsal::default() });
            (world.photo.digest(), format!("{:?}", world.candidates()), world.best())
        };
        assert_eq!(of(3), of(3));
        assert_ne!(of(3).0, of(4).0);
    }

    #[test]
    fn the_least_and_the_largest() {
        let least = world(&Rehearsal { count: 0, image: Size::new(0, 0), ..Rehearsal::default() });
        assert_eq!((least.candidates().len(), least.best()), (0, None));
        let empty = world(&Rehearsal { image: Size::new(0, 0), ..Rehearsal::default() });
        assert_eq!((empty.candidates().len(), empty.gone().len()), (0, 16));
        let large = Rehearsal { image: Size::new(u32::MAX, u32::MAX), ..Rehearsal::default() }.world();
        assert!(large.err().unwrap().to_string().contains("at most 67108864 in all"));
    }
}
