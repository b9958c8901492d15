//! A scorer's session on one sample.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::scorer::{Fact, Guest};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::{Brief, Score};
use crate::error::PluginError;
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::ScoringRules;
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A session of a scorer, in an instance of its own.
pub struct Scoring {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    rules: ScoringRules,
}

/// What a scorer wants: all steps up to the first empty one, put together.
#[derive(Debug, Default)]
pub struct ScoringPlan {
    /// Questions, in the order asked. Questions that a later step cancelled are left out.
    pub ask: Vec<Request>,
    /// The scores, which end the session; `None` if they are still to come.
    pub scores: Option<Vec<Score>>,
}

impl Scoring {
    /// Starts a session.
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

    /// Tells new facts. Answers that the scorer does not wait for (any more) are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`](crate::Cause::Host) if the session is over.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        let Self { instance, guest, resource, rules } = self;
        instance.ensure_open(rules.over(), "scoring.tell")?;
        rules.told(&mut facts);
        instance.show_only(rules.visible());
        instance.tell(&facts, Call::ScoringTell, |store| guest.scoring().call_tell(store, *resource, &facts))
    }

    /// Asks for steps until one is empty or gives the scores. `owed`: whether the fact `closed` is still to come.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`](crate::Cause::Host) if the session is over.
    pub fn plan(&mut self, owed: bool) -> Result<ScoringPlan, PluginError> {
        let Self { instance, guest, resource, rules } = self;
        instance.ensure_open(rules.over(), "scoring.next")?;
        let mut plan = ScoringPlan::default();
        let call = |store: &mut _| guest.scoring().call_next(store, *resource);
        instance.steps(
            || Call::ScoringNext,
            call,
            |step| {
                let next = rules.step(&step, owed)?;
                plan.ask.extend(step.ask);
                plan.scores = step.scores;
                Ok(next)
            },
        )?;
        // Cancelled requests are not asked. The end of the session cancels all that are under way.
        plan.ask.retain(|asked| rules.wants(asked.id));
        Ok(plan)
    }

    /// Takes the lines that the plugin has logged since the last call of this function.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        self.instance.take_log()
    }

    /// Fuel used so far, by instantiation and all calls, in wasmtime's units.
    pub fn fuel(&self) -> u64 {
        self.instance.fuel()
    }
}
