//! A planner at work on one sample.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::planner::{Fact, Guest, Proposal};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::Brief;
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{Next, PlanningRules};
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A session of a planner.
pub struct Planning {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    rules: PlanningRules,
}

/// What a planner wants, all steps up to the first empty one together.
#[derive(Debug, Default)]
pub struct PlanningPlan {
    /// Questions, in the order asked.
    pub ask: Vec<Request>,
    /// Proposals, in the order made.
    pub propose: Vec<Proposal>,
    /// Nothing follows.
    pub done: bool,
}

impl Planning {
    /// Begins a session.
    pub fn start(plugin: &Plugin, sample: &Arc<Sample>, brief: &Brief) -> Result<Self, PluginError> {
        let indices = plugin.loaded.kind(Kind::Planner, |exports| exports.planner.as_ref())?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Planner), Some(sample.clone()))?;
        let guest = instance.export("planning.start", |store, component| indices.load(store, component))?;
        let Started(resource) = instance.ask(
            || Call::PlanningStart(brief.clone()),
            "planning.start",
            |store| Ok(guest.planning().call_start(store, brief)?.map(Started)),
        )?;
        let rules = PlanningRules::new(brief, instance.limits().clone());
        Ok(Self { instance, guest, resource, rules })
    }

    /// Tells new facts. Answers that are not wanted any more are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`] after the session's end.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        if self.rules.over() {
            return Err(self.instance.is_over("planning.tell"));
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
            || Call::PlanningTell(facts.clone()),
            "planning.tell",
            |store| guest.planning().call_tell(store, resource, &facts),
        )
    }

    /// Asks for steps until one is empty or the last. `feedback`: whether the fates of its proposals are told.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`] after the session's end.
    pub fn plan(&mut self, feedback: bool) -> Result<PlanningPlan, PluginError> {
        if self.rules.over() {
            return Err(self.instance.is_over("planning.next"));
        }
        let mut plan = PlanningPlan::default();
        loop {
            let (guest, resource) = (&self.guest, self.resource);
            let step = self.instance.ask(
                || Call::PlanningNext,
                "planning.next",
                |store| guest.planning().call_next(store, resource),
            )?;
            let next = self.rules.step(&step, feedback);
            let next = next.map_err(|violation| self.instance.error("planning.next", Cause::Violation(violation)))?;
            plan.ask.extend(step.ask);
            plan.propose.extend(step.propose);
            if next != Next::More {
                // What was cancelled, and at the end all that is under way, is not asked.
                plan.ask.retain(|asked| self.rules.wants(asked.id));
                plan.done = next == Next::Over;
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
