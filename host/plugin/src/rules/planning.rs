//! The rules of a planner's session.

use std::sync::Arc;

use super::hypothesis::hypothesis;
use super::requests::Requests;
use super::{Checked, IdSet, Intake, Next, Violation, next};
use crate::border::exports::rescue::plugin::planner::{Fact, Proposal, Step};
use crate::border::rescue::plugin::types::Brief;
use crate::limits::Limits;

/// What a planner was told and what it planned so far.
#[derive(Clone, Debug)]
pub struct PlanningRules {
    intake: Intake,
    image: (u32, u32),
    count: u32,
    requests: Requests,
    proposed: IdSet,
    entered: IdSet,
    fates: usize,
    over: bool,
}

impl PlanningRules {
    /// Of a session with this brief.
    pub fn new(brief: &Brief, limits: Arc<Limits>) -> Self {
        Self {
            intake: Intake::new(brief.room, limits),
            image: (brief.image.width, brief.image.height),
            count: brief.count,
            requests: Requests::default(),
            proposed: IdSet::default(),
            entered: IdSet::default(),
            fates: 0,
            over: false,
        }
    }

    /// Takes out the answers that are not wanted any more, and notes the rest.
    pub fn told(&mut self, facts: &mut Vec<Fact>) {
        facts.retain(|fact| match fact {
            Fact::Answered(answer) => self.requests.told(answer),
            _ => true,
        });
        for fact in facts {
            match fact {
                Fact::Entered(candidate) => {
                    self.entered.insert(candidate.id);
                    self.fates += 1;
                }
                Fact::Gone(_) => self.fates += 1,
                Fact::Answered(_) | Fact::Noted(_) => {}
            }
        }
    }

    /// Checks a step. `feedback`: whether the fates of its proposals are told.
    pub fn step(&mut self, step: &Step, feedback: bool) -> Result<Next, Violation> {
        let entries = step.ask.len() + step.cancel.len() + step.propose.len();
        self.intake.step(entries)?;
        self.requests.step(&step.ask, &step.cancel, &self.entered, &mut self.intake)?;
        self.intake.list(&step.propose)?;
        step.propose.iter().try_for_each(|proposal| self.proposal(proposal))?;
        self.over = step.done;
        let owed = self.requests.under_way() || feedback && self.fates < self.proposed.len();
        next(step.done, entries == 0, owed)
    }

    fn proposal(&mut self, proposal: &Proposal) -> Checked {
        let id = match proposal {
            Proposal::Hypothesis(proposed) => {
                hypothesis(proposed, self.image, &self.entered, &mut self.intake)?;
                proposed.id
            }
            Proposal::NoTarget(blank) | Proposal::Skipped(blank) => {
                self.intake.text("the why of a proposal", &blank.why)?;
                blank.id
            }
        };
        if id >= self.count {
            return Err(Violation::HypothesisRange { id, count: self.count });
        }
        if self.proposed.insert(id) { Ok(()) } else { Err(Violation::HypothesisTwice(id)) }
    }

    /// Whether an answer to this request is still to come.
    pub fn wants(&self, request: u32) -> bool {
        !self.over && self.requests.wants(request)
    }

    /// Whether the session has ended.
    pub fn over(&self) -> bool {
        self.over
    }
}
