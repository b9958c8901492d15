//! A scorer at work on one sample.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::scorer::{Fact, Guest, GuestIndices, Step};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::{Brief, Score};
use crate::error::{Cause, PluginError};
use crate::instance::Instance;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::requests::Requests;
use crate::rules::{self, Entries, Violation};
use crate::sample::Sample;
use crate::state::LogLine;

/// A session of a scorer.
pub struct Scoring {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    entries: Entries,
    requests: Requests,
    entered: BTreeSet<u32>,
    closed: bool,
}

/// What a scorer wants, all steps up to the first empty one together.
#[derive(Debug, Default)]
pub struct ScoringPlan {
    /// Questions, in the order asked.
    pub ask: Vec<Request>,
    /// Its scores, once; nothing follows.
    pub scores: Option<Vec<Score>>,
}

impl Scoring {
    /// Begins a session.
    pub fn start(plugin: &Plugin, sample: &Arc<Sample>, brief: &Brief) -> Result<Self, PluginError> {
        plugin.offer(Kind::Scorer)?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Scorer), Some(sample.clone()))?;
        let component = instance.component;
        let (guest, resource) = instance.ask("scoring.start", |store| {
            let guest = GuestIndices::new(&component.instance_pre(&*store))?.load(&mut *store, &component)?;
            let started = guest.scoring().call_start(store, brief)?;
            Ok(started.map(|resource| (guest, resource)))
        })?;
        let entries = Entries::new(brief.room, instance.limits());
        let (requests, entered) = (Requests::default(), BTreeSet::new());
        Ok(Self { instance, guest, resource, entries, requests, entered, closed: false })
    }

    /// Tells new facts. Answers that are not wanted any more are left out.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        facts.retain(|fact| match fact {
            Fact::Answered(answer) => self.requests.told(answer),
            _ => true,
        });
        for fact in &facts {
            match fact {
                Fact::Entered(candidate) => {
                    self.entered.insert(candidate.id);
                    self.instance.told_of(candidate.id);
                }
                Fact::Closed(_) => self.closed = true,
                _ => {}
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        let (guest, resource) = (&self.guest, self.resource);
        self.instance.ask("scoring.tell", |store| guest.scoring().call_tell(store, resource, &facts))
    }

    /// Asks for steps until one is empty or the scores are given. `owed`: whether `closed` is still to come.
    pub fn plan(&mut self, owed: bool) -> Result<ScoringPlan, PluginError> {
        let mut plan = ScoringPlan::default();
        loop {
            let (guest, resource) = (&self.guest, self.resource);
            let step = self.instance.ask("scoring.next", |store| guest.scoring().call_next(store, resource))?;
            self.check(&step).map_err(|violation| self.broken(violation))?;
            if step.scores.is_some() {
                return Ok(ScoringPlan { ask: Vec::new(), scores: step.scores });
            }
            let empty = step.ask.is_empty() && step.cancel.is_empty();
            plan.ask.retain(|asked| !step.cancel.contains(&asked.id));
            plan.ask.extend(step.ask);
            if empty {
                if !self.requests.under_way() && !owed {
                    return Err(self.broken(Violation::Stalled));
                }
                return Ok(plan);
            }
        }
    }

    fn check(&mut self, step: &Step) -> Result<(), Violation> {
        self.entries.count(step.ask.len() + step.cancel.len())?;
        self.requests.step(&step.ask, &step.cancel, self.instance.limits())?;
        let Some(scores) = &step.scores else { return Ok(()) };
        if !self.closed {
            return Err(Violation::ScoresEarly);
        }
        let mut seen = BTreeSet::new();
        for score in scores {
            let (what, id) = ("the scores", score.id);
            rules::finite("a score", score.value)?;
            if !self.entered.contains(&id) {
                return Err(Violation::UnknownCandidate { what, id });
            }
            if !seen.insert(id) {
                return Err(Violation::CandidateTwice { what, id });
            }
        }
        Ok(())
    }

    fn broken(&mut self, violation: Violation) -> PluginError {
        self.instance.error("scoring.next", Cause::Violation(violation))
    }

    /// What the plugin logged since the last call of this.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        self.instance.take_log()
    }

    /// Fuel used so far.
    pub fn fuel(&self) -> u64 {
        self.instance.fuel()
    }
}
