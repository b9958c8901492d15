//! The rules for a planner's session.

use std::sync::Arc;

use super::hypothesis::hypothesis;
use super::requests::Requests;
use super::{Checked, IdSet, Intake, Next, Violation, next};
use crate::border::exports::rescue::plugin::planner::{Fact, Proposal, Step};
use crate::border::rescue::plugin::types::Brief;
use crate::limits::Limits;

/// What a planner was told and what it has planned so far.
#[derive(Clone, Debug)]
pub struct PlanningRules {
    intake: Intake,
    image: (u32, u32),
    count: u32,
    requests: Requests,
    proposed: IdSet,
    entered: Arc<IdSet>,
    /// How many proposals the planner was told the result of: entered or gone.
    reported: usize,
    over: bool,
}

impl PlanningRules {
    /// The rules for a session with this brief.
    pub fn new(brief: &Brief, limits: Arc<Limits>) -> Self {
        Self {
            intake: Intake::new(brief.room, limits),
            image: (brief.image.width, brief.image.height),
            count: brief.count,
            requests: Requests::default(),
            proposed: IdSet::default(),
            entered: Arc::default(),
            reported: 0,
            over: false,
        }
    }

    /// Notes what the session is told. Removes answers that it does not wait for (any more).
    pub fn told(&mut self, facts: &mut Vec<Fact>) {
        facts.retain(|fact| match fact {
            Fact::Answered(answer) => self.requests.told(answer),
            _ => true,
        });
        for fact in facts {
            match fact {
                Fact::Entered(candidate) => {
                    Arc::make_mut(&mut self.entered).insert(candidate.id);
                    self.reported += 1;
                }
                Fact::Gone(_) => self.reported += 1,
                Fact::Answered(_) | Fact::Noted(_) => {}
            }
        }
    }

    /// Checks a step. `feedback`: whether the host tells the planner what becomes of its proposals.
    pub fn step(&mut self, step: &Step, feedback: bool) -> Result<Next, Violation> {
        let entries = step.ask.len() + step.cancel.len() + step.propose.len();
        self.intake.step(entries)?;
        self.requests.step(&step.ask, &step.cancel, &self.entered, &mut self.intake)?;
        self.intake.list(&step.propose)?;
        step.propose.iter().try_for_each(|proposal| self.proposal(proposal))?;
        self.over = step.done;
        let owed = self.requests.under_way() || feedback && self.reported < self.proposed.len();
        next(step.done, entries == 0, owed)
    }

    /// The candidates that the session may look up: those that have entered.
    pub(crate) fn visible(&self) -> &Arc<IdSet> {
        &self.entered
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

    /// Whether the session still waits for an answer to this request.
    pub fn wants(&self, request: u32) -> bool {
        !self.over && self.requests.wants(request)
    }

    /// Whether the session has ended.
    pub fn over(&self) -> bool {
        self.over
    }
}
