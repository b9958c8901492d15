//! A verifier at work on one sample: one instance, and a session for each match.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::verifier::{Contest, Fact, Guest, GuestIndices, Judgement, Step};
use crate::border::rescue::plugin::chat::{Answer, Request};
use crate::border::rescue::plugin::types::Brief;
use crate::error::{Cause, PluginError};
use crate::instance::Instance;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::requests::Requests;
use crate::rules::{self, Entries, Violation};
use crate::sample::Sample;
use crate::state::LogLine;

/// A verifier's instance.
pub struct Verifier {
    instance: Instance,
    guest: Guest,
}

/// One match. Belongs to the `Verifier` that began it.
pub struct Judging {
    resource: ResourceAny,
    told: BTreeSet<u32>,
    contestants: usize,
    entries: Entries,
    requests: Requests,
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
        plugin.offer(Kind::Verifier)?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Verifier), Some(sample.clone()))?;
        let component = instance.component;
        let guest = instance.call("instantiation", |store| {
            GuestIndices::new(&component.instance_pre(&*store))?.load(store, &component)
        })?;
        Ok(Self { instance, guest })
    }

    /// Begins a match.
    pub fn start(&mut self, brief: &Brief, contest: &Contest) -> Result<Judging, PluginError> {
        let told: BTreeSet<u32> = contest.contestants.iter().map(|candidate| candidate.id).collect();
        self.look(&told);
        let guest = &self.guest;
        let resource = self.instance.ask("judging.start", |store| guest.judging().call_start(store, brief, contest))?;
        Ok(Judging {
            resource,
            told,
            contestants: contest.contestants.len(),
            entries: Entries::new(brief.room, self.instance.limits()),
            requests: Requests::default(),
        })
    }

    /// Tells answers. Those that are not wanted any more are left out.
    pub fn tell(&mut self, judging: &mut Judging, answers: Vec<Answer>) -> Result<(), PluginError> {
        let wanted = answers.into_iter().filter(|answer| judging.requests.told(answer));
        let facts: Vec<Fact> = wanted.map(Fact::Answered).collect();
        if facts.is_empty() {
            return Ok(());
        }
        self.look(&judging.told);
        let (guest, resource) = (&self.guest, judging.resource);
        self.instance.ask("judging.tell", |store| guest.judging().call_tell(store, resource, &facts))
    }

    /// Asks for steps until one is empty or the judgement is given.
    pub fn plan(&mut self, judging: &mut Judging) -> Result<JudgingPlan, PluginError> {
        self.look(&judging.told);
        let mut plan = JudgingPlan::default();
        loop {
            let (guest, resource) = (&self.guest, judging.resource);
            let step = self.instance.ask("judging.next", |store| guest.judging().call_next(store, resource))?;
            self.check(judging, &step).map_err(|violation| self.broken(violation))?;
            if step.judgement.is_some() {
                return Ok(JudgingPlan { ask: Vec::new(), judgement: step.judgement });
            }
            let empty = step.ask.is_empty() && step.cancel.is_empty();
            plan.ask.retain(|asked| !step.cancel.contains(&asked.id));
            plan.ask.extend(step.ask);
            if empty {
                if !judging.requests.under_way() {
                    return Err(self.broken(Violation::Stalled));
                }
                return Ok(plan);
            }
        }
    }

    /// Ends a match, so that the guest can forget it.
    pub fn end(&mut self, judging: Judging) -> Result<(), PluginError> {
        self.instance.call("judging.drop", |store| judging.resource.resource_drop(store))
    }

    fn check(&self, judging: &mut Judging, step: &Step) -> Result<(), Violation> {
        let limits = self.instance.limits();
        judging.entries.count(step.ask.len() + step.cancel.len())?;
        judging.requests.step(&step.ask, &step.cancel, limits)?;
        match &step.judgement {
            Some(Judgement::Verdict(verdict)) => rules::verdict(verdict, judging.contestants, limits),
            Some(Judgement::Abstained(why)) => rules::text("an abstention's why", why, limits.string_bytes),
            None => Ok(()),
        }
    }

    /// A match sees its own contestants and no others.
    fn look(&mut self, told: &BTreeSet<u32>) {
        self.instance.store.data_mut().told.clone_from(told);
    }

    fn broken(&mut self, violation: Violation) -> PluginError {
        self.instance.error("judging.next", Cause::Violation(violation))
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
