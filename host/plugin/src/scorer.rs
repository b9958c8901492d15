//! A scorer at work on one sample.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::scorer::{Fact, Guest};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::{Brief, Score};
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{Next, ScoringRules};
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A session of a scorer.
pub struct Scoring {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    rules: ScoringRules,
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
        let indices = plugin.loaded.kind(Kind::Scorer, |exports| exports.scorer.as_ref())?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Scorer), Some(sample.clone()))?;
        let guest = instance.export("scoring.start", |store, component| indices.load(store, component))?;
        let Started(resource) = instance.ask(
            || Call::ScoringStart(brief.clone()),
            "scoring.start",
            |store| Ok(guest.scoring().call_start(store, brief)?.map(Started)),
        )?;
        let rules = ScoringRules::new(brief, instance.limits().clone());
        Ok(Self { instance, guest, resource, rules })
    }

    /// Tells new facts. Answers that are not wanted any more are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`] after the session's end.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        if self.rules.over() {
            return Err(self.instance.is_over("scoring.tell"));
        }
        self.rules.told(&mut facts);
        for fact in &facts {
            if let Fact::Entered(candidate) = fact {
                self.instance.show(candidate.id);
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        let (guest, resource) = (&self.guest, self.resource);
        self.instance.ask(
            || Call::ScoringTell(facts.clone()),
            "scoring.tell",
            |store| guest.scoring().call_tell(store, resource, &facts),
        )
    }

    /// Asks for steps until one is empty or the scores are given. `owed`: whether `closed` is still to come.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`] after the session's end.
    pub fn plan(&mut self, owed: bool) -> Result<ScoringPlan, PluginError> {
        if self.rules.over() {
            return Err(self.instance.is_over("scoring.next"));
        }
        let mut plan = ScoringPlan::default();
        loop {
            let (guest, resource) = (&self.guest, self.resource);
            let step = self.instance.ask(
                || Call::ScoringNext,
                "scoring.next",
                |store| guest.scoring().call_next(store, resource),
            )?;
            let next = self.rules.step(&step, owed);
            let next = next.map_err(|violation| self.instance.error("scoring.next", Cause::Violation(violation)))?;
            plan.ask.extend(step.ask);
            if next != Next::More {
                // What was cancelled, and at the end all that is under way, is not asked.
                plan.ask.retain(|asked| self.rules.wants(asked.id));
                plan.scores = step.scores;
                return Ok(plan);
            }
        }
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
