//! A verifier at work on one sample: one instance, and a session for each match.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::verifier::{Contest, Fact, Guest, Judgement};
use crate::border::rescue::plugin::chat::{Answer, Request};
use crate::border::rescue::plugin::types::Brief;
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{JudgingRules, Next};
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A verifier's instance.
pub struct Verifier {
    instance: Instance,
    guest: Guest,
    judgings: u32,
}

/// One match. Belongs to the `Verifier` that began it.
pub struct Judging {
    number: u32,
    resource: ResourceAny,
    rules: JudgingRules,
}

/// What a verifier wants, all steps up to the first empty one together.
#[derive(Debug, Default)]
pub struct JudgingPlan {
    /// Questions, in the order asked.
    pub ask: Vec<Request>,
    /// Its judgement, once; nothing follows.
    pub judgement: Option<Judgement>,
}

impl Verifier {
    /// Makes an instance for a sample.
    pub fn new(plugin: &Plugin, sample: &Arc<Sample>) -> Result<Self, PluginError> {
        let indices = plugin.loaded.kind(Kind::Verifier, |exports| exports.verifier.as_ref())?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Verifier), Some(sample.clone()))?;
        let guest = instance.export("judging.start", |store, component| indices.load(store, component))?;
        Ok(Self { instance, guest, judgings: 0 })
    }

    /// Begins a match. It sees its own contestants and no others.
    pub fn start(&mut self, brief: &Brief, contest: &Contest) -> Result<Judging, PluginError> {
        let rules = JudgingRules::new(brief, contest, self.instance.limits().clone());
        self.instance.show_only(rules.known());
        let (guest, number) = (&self.guest, self.judgings);
        self.judgings = self.judgings.saturating_add(1);
        let Started(resource) = self.instance.ask(
            || Call::JudgingStart(number, brief.clone(), contest.clone()),
            "judging.start",
            |store| Ok(guest.judging().call_start(store, brief, contest)?.map(Started)),
        )?;
        Ok(Judging { number, resource, rules })
    }

    /// Tells answers. Those that are not wanted any more are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`] after the judgement.
    pub fn tell(&mut self, judging: &mut Judging, answers: Vec<Answer>) -> Result<(), PluginError> {
        if judging.rules.over() {
            return Err(self.instance.is_over("judging.tell"));
        }
        let mut facts: Vec<Fact> = answers.into_iter().map(Fact::Answered).collect();
        judging.rules.told(&mut facts);
        if facts.is_empty() {
            return Ok(());
        }
        self.instance.show_only(judging.rules.known());
        let (guest, resource) = (&self.guest, judging.resource);
        self.instance.ask(
            || Call::JudgingTell(judging.number, facts.clone()),
            "judging.tell",
            |store| guest.judging().call_tell(store, resource, &facts),
        )
    }

    /// Asks for steps until one is empty or the judgement is given.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`] after the judgement.
    pub fn plan(&mut self, judging: &mut Judging) -> Result<JudgingPlan, PluginError> {
        if judging.rules.over() {
            return Err(self.instance.is_over("judging.next"));
        }
        self.instance.show_only(judging.rules.known());
        let mut plan = JudgingPlan::default();
        loop {
            let (guest, resource) = (&self.guest, judging.resource);
            let step = self.instance.ask(
                || Call::JudgingNext(judging.number),
                "judging.next",
                |store| guest.judging().call_next(store, resource),
            )?;
            let next = judging.rules.step(&step);
            let next = next.map_err(|violation| self.instance.error("judging.next", Cause::Violation(violation)))?;
            plan.ask.extend(step.ask);
            if next != Next::More {
                // What was cancelled, and at the end all that is under way, is not asked.
                plan.ask.retain(|asked| judging.rules.wants(asked.id));
                plan.judgement = step.judgement;
                return Ok(plan);
            }
        }
    }

    /// Ends a match, so that the guest can forget it.
    pub fn end(&mut self, judging: Judging) -> Result<(), PluginError> {
        let told = || Call::JudgingDrop(judging.number);
        self.instance.call(told, "judging.drop", |store| judging.resource.resource_drop(store))
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
