//! A planner's session on one sample.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::planner::{Fact, Guest, Proposal};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::Brief;
use crate::error::PluginError;
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{Next, PlanningRules};
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A session of a planner, in an instance of its own.
pub struct Planning {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    rules: PlanningRules,
}

/// What a planner wants: all steps up to the first empty one, put together.
#[derive(Debug, Default)]
pub struct PlanningPlan {
    /// Questions, in the order asked. Questions that a later step cancelled are left out.
    pub ask: Vec<Request>,
    /// Proposals, in the order made.
    pub propose: Vec<Proposal>,
    /// Whether the session is over.
    pub done: bool,
}

impl Planning {
    /// Starts a session.
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

    /// Tells new facts. Answers that the planner does not wait for (any more) are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`](crate::Cause::Host) if the session is over.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        let Self { instance, guest, resource, rules } = self;
        instance.ensure_open(rules.over(), "planning.tell")?;
        rules.told(&mut facts);
        instance.show_only(rules.visible());
        instance.tell(&facts, Call::PlanningTell, |store| guest.planning().call_tell(store, *resource, &facts))
    }

    /// Asks for steps until one is empty or the last. `feedback`: whether the host tells the planner what becomes of its
    /// proposals.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`](crate::Cause::Host) if the session is over.
    pub fn plan(&mut self, feedback: bool) -> Result<PlanningPlan, PluginError> {
        let Self { instance, guest, resource, rules } = self;
        instance.ensure_open(rules.over(), "planning.next")?;
        let mut plan = PlanningPlan::default();
        let call = |store: &mut _| guest.planning().call_next(store, *resource);
        let last = instance.steps(
            || Call::PlanningNext,
            call,
            |step| {
                let next = rules.step(&step, feedback)?;
                plan.ask.extend(step.ask);
                plan.propose.extend(step.propose);
                Ok(next)
            },
        )?;
        // Cancelled requests are not asked. The end of the session cancels all that are under way.
        plan.ask.retain(|asked| rules.wants(asked.id));
        plan.done = last == Next::Over;
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
