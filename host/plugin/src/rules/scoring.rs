//! The rules for a scorer's session.

use std::sync::Arc;

use super::requests::Requests;
use super::{Checked, IdSet, Intake, Next, Violation, finite, next};
use crate::border::exports::rescue::plugin::scorer::{Fact, Step};
use crate::border::rescue::plugin::types::{Brief, Score};
use crate::limits::Limits;

/// What a scorer was told and what it has asked so far.
#[derive(Clone, Debug)]
pub struct ScoringRules {
    intake: Intake,
    requests: Requests,
    entered: Arc<IdSet>,
    closed: bool,
    over: bool,
}

impl ScoringRules {
    /// The rules for a session with this brief.
    pub fn new(brief: &Brief, limits: Arc<Limits>) -> Self {
        Self {
            intake: Intake::new(brief.room, limits),
            requests: Requests::default(),
            entered: Arc::default(),
            closed: false,
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
                }
                Fact::Closed(_) => self.closed = true,
                Fact::Gone(_) | Fact::Answered(_) | Fact::Noted(_) => {}
            }
        }
    }

    /// Checks a step. `owed`: whether the fact `closed` is still to come.
    pub fn step(&mut self, step: &Step, owed: bool) -> Result<Next, Violation> {
        let entries = step.ask.len() + step.cancel.len();
        self.intake.step(entries)?;
        self.requests.step(&step.ask, &step.cancel, &self.entered, &mut self.intake)?;
        if let Some(scores) = &step.scores {
            self.scores(scores)?;
            self.over = true;
        }
        next(self.over, entries == 0, owed || self.requests.under_way())
    }

    /// The candidates that the session may look up: those that have entered.
    pub(crate) fn visible(&self) -> &Arc<IdSet> {
        &self.entered
    }

    fn scores(&mut self, scores: &[Score]) -> Checked {
        if !self.closed {
            return Err(Violation::ScoresEarly);
        }
        scores.iter().try_for_each(|score| finite("a score", score.value))?;
        let ids: Vec<u32> = scores.iter().map(|score| score.id).collect();
        super::distinct("the scores", &ids, &self.entered)
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
