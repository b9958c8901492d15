//! A verifier on one sample: one instance, with a session for each match.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::verifier::{Contest, Fact, Guest, Judgement};
use crate::border::rescue::plugin::chat::{Answer, Request};
use crate::border::rescue::plugin::types::Brief;
use crate::error::PluginError;
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::JudgingRules;
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// An instance of a verifier.
pub struct Verifier {
    instance: Instance,
    guest: Guest,
    /// How many sessions were started.
    judgings: u32,
}

/// The session of one match. It belongs to the [`Verifier`] that started it.
pub struct Judging {
    number: u32,
    resource: ResourceAny,
    rules: JudgingRules,
}

/// What a verifier wants for one match: all steps up to the first empty one, put together.
#[derive(Debug, Default)]
pub struct JudgingPlan {
    /// Questions, in the order asked. Questions that a later step cancelled are left out.
    pub ask: Vec<Request>,
    /// The judgement, which ends the session; `None` if it is still to come.
    pub judgement: Option<Judgement>,
}

impl Verifier {
    /// Creates an instance for a sample.
    pub fn new(plugin: &Plugin, sample: &Arc<Sample>) -> Result<Self, PluginError> {
        let indices = plugin.loaded.kind(Kind::Verifier, |exports| exports.verifier.as_ref())?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Verifier), Some(sample.clone()))?;
        let guest = instance.export("judging.start", |store, component| indices.load(store, component))?;
        Ok(Self { instance, guest, judgings: 0 })
    }

    /// Starts the session of a match. It may look up the contestants of that match and no other candidates.
    pub fn start(&mut self, brief: &Brief, contest: &Contest) -> Result<Judging, PluginError> {
        let rules = JudgingRules::new(brief, contest, self.instance.limits().clone());
        self.instance.show_only(rules.visible());
        let (guest, number) = (&self.guest, self.judgings);
        self.judgings = self.judgings.saturating_add(1);
        let Started(resource) = self.instance.ask(
            || Call::JudgingStart(number, brief.clone(), contest.clone()),
            "judging.start",
            |store| Ok(guest.judging().call_start(store, brief, contest)?.map(Started)),
        )?;
        Ok(Judging { number, resource, rules })
    }

    /// Tells a session answers. Those that it does not wait for (any more) are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`](crate::Cause::Host) if the session has given its judgement.
    pub fn tell(&mut self, judging: &mut Judging, answers: Vec<Answer>) -> Result<(), PluginError> {
        let Self { instance, guest, .. } = self;
        let Judging { number, resource, rules } = judging;
        instance.ensure_open(rules.over(), "judging.tell")?;
        let mut facts: Vec<Fact> = answers.into_iter().map(Fact::Answered).collect();
        rules.told(&mut facts);
        instance.show_only(rules.visible());
        let event = |facts| Call::JudgingTell(*number, facts);
        instance.tell(&facts, event, |store| guest.judging().call_tell(store, *resource, &facts))
    }

    /// Asks a session for steps until one is empty or gives the judgement.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`](crate::Cause::Host) if the session has given its judgement.
    pub fn plan(&mut self, judging: &mut Judging) -> Result<JudgingPlan, PluginError> {
        let Self { instance, guest, .. } = self;
        let Judging { number, resource, rules } = judging;
        instance.ensure_open(rules.over(), "judging.next")?;
        instance.show_only(rules.visible());
        let mut plan = JudgingPlan::default();
        let call = |store: &mut _| guest.judging().call_next(store, *resource);
        instance.steps(
            || Call::JudgingNext(*number),
            call,
            |step| {
                let next = rules.step(&step)?;
                plan.ask.extend(step.ask);
                plan.judgement = step.judgement;
                Ok(next)
            },
        )?;
        // Cancelled requests are not asked. The end of the session cancels all that are under way.
        plan.ask.retain(|asked| rules.wants(asked.id));
        Ok(plan)
    }

    /// Ends a session, so that the guest can free what it keeps for it.
    pub fn end(&mut self, judging: Judging) -> Result<(), PluginError> {
        let event = || Call::JudgingDrop(judging.number);
        self.instance.call(event, "judging.drop", |store| judging.resource.resource_drop(store))
    }

    /// Takes the lines that the plugin has logged since the last call of this function.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        self.instance.take_log()
    }

    /// Fuel used so far, by instantiation and the calls of all sessions, in wasmtime's units.
    pub fn fuel(&self) -> u64 {
        self.instance.fuel()
    }
}
