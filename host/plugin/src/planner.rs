//! A planner at work on one sample.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::planner::{Fact, Guest, GuestIndices, Proposal, Step};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::{Brief, Region};
use crate::error::{Cause, PluginError};
use crate::instance::Instance;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::requests::Requests;
use crate::rules::{self, Entries, Violation};
use crate::sample::Sample;
use crate::state::LogLine;

/// A session of a planner.
pub struct Planning {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    image: (u32, u32),
    count: u32,
    entries: Entries,
    requests: Requests,
    proposed: BTreeSet<u32>,
    entered: BTreeSet<u32>,
    done: bool,
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
        plugin.offer(Kind::Planner)?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Planner), Some(sample.clone()))?;
        let component = instance.component;
        let (guest, resource) = instance.ask("planning.start", |store| {
            let guest = GuestIndices::new(&component.instance_pre(&*store))?.load(&mut *store, &component)?;
            let started = guest.planning().call_start(store, brief)?;
            Ok(started.map(|resource| (guest, resource)))
        })?;
        let entries = Entries::new(brief.room, instance.limits());
        Ok(Self {
            instance,
            guest,
            resource,
            image: (brief.image.width, brief.image.height),
            count: brief.count,
            entries,
            requests: Requests::default(),
            proposed: BTreeSet::new(),
            entered: BTreeSet::new(),
            done: false,
        })
    }

    /// Tells new facts. Answers that are not wanted any more are left out.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        facts.retain(|fact| match fact {
            Fact::Answered(answer) => self.requests.told(answer),
            _ => true,
        });
        for fact in &facts {
            if let Fact::Entered(candidate) = fact {
                self.entered.insert(candidate.id);
                self.instance.told_of(candidate.id);
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        let (guest, resource) = (&self.guest, self.resource);
        self.instance.ask("planning.tell", |store| guest.planning().call_tell(store, resource, &facts))
    }

    /// Asks for steps until one is empty. `feedback`: whether the fates of its proposals will be told.
    pub fn plan(&mut self, feedback: bool) -> Result<PlanningPlan, PluginError> {
        let mut plan = PlanningPlan::default();
        while !self.done {
            let (guest, resource) = (&self.guest, self.resource);
            let step = self.instance.ask("planning.next", |store| guest.planning().call_next(store, resource))?;
            self.check(&step).map_err(|violation| self.broken(violation))?;
            let empty = step.ask.is_empty() && step.cancel.is_empty() && step.propose.is_empty();
            plan.ask.retain(|asked| !step.cancel.contains(&asked.id));
            plan.ask.extend(step.ask);
            plan.propose.extend(step.propose);
            self.done = step.done;
            if empty && !self.done {
                let owed = feedback && !plan.propose.is_empty();
                if !self.requests.under_way() && !owed {
                    return Err(self.broken(Violation::Stalled));
                }
                break;
            }
        }
        plan.done = self.done;
        if self.done {
            // What is still under way when a session ends is cancelled.
            plan.ask.clear();
        }
        Ok(plan)
    }

    fn check(&mut self, step: &Step) -> Result<(), Violation> {
        self.entries.count(step.ask.len() + step.cancel.len() + step.propose.len())?;
        self.requests.step(&step.ask, &step.cancel, self.instance.limits())?;
        for proposal in &step.propose {
            let id = match proposal {
                Proposal::Hypothesis(hypothesis) => {
                    rules::hypothesis(hypothesis, self.image, self.instance.limits())?;
                    for region in hypothesis.regions.iter().chain(&hypothesis.without) {
                        match region {
                            Region::Candidate(id) if !self.entered.contains(id) => {
                                return Err(Violation::UnknownCandidate { what: "a region", id: *id });
                            }
                            _ => {}
                        }
                    }
                    hypothesis.id
                }
                Proposal::NoTarget(blank) | Proposal::Skipped(blank) => {
                    rules::text("the why of a proposal", &blank.why, self.instance.limits().string_bytes)?;
                    blank.id
                }
            };
            if id >= self.count {
                return Err(Violation::HypothesisRange { id, count: self.count });
            }
            if !self.proposed.insert(id) {
                return Err(Violation::HypothesisTwice(id));
            }
        }
        Ok(())
    }

    fn broken(&mut self, violation: Violation) -> PluginError {
        self.instance.error("planning.next", Cause::Violation(violation))
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
