//! The rules for a verifier's session, which judges one match.

use std::sync::Arc;

use super::requests::Requests;
use super::verdict::verdict;
use super::{IdSet, Intake, Next, Violation, next};
use crate::border::exports::rescue::plugin::verifier::{Contest, Fact, Judgement, Step};
use crate::border::rescue::plugin::types::Brief;
use crate::limits::Limits;

/// What a session was told and what it has asked so far.
#[derive(Clone, Debug)]
pub struct JudgingRules {
    intake: Intake,
    requests: Requests,
    visible: Arc<IdSet>,
    contestants: usize,
    over: bool,
}

impl JudgingRules {
    /// The rules for a session with this brief and contest.
    pub fn new(brief: &Brief, contest: &Contest, limits: Arc<Limits>) -> Self {
        Self {
            intake: Intake::new(brief.room, limits),
            requests: Requests::default(),
            visible: Arc::new(contest.contestants.iter().map(|candidate| candidate.id).collect()),
            contestants: contest.contestants.len(),
            over: false,
        }
    }

    /// The candidates that the session may look up: the contestants.
    pub(crate) fn visible(&self) -> &Arc<IdSet> {
        &self.visible
    }

    /// Notes what the session is told. Removes answers that it does not wait for (any more).
    pub fn told(&mut self, facts: &mut Vec<Fact>) {
        facts.retain(|fact| match fact {
            Fact::Answered(answer) => self.requests.told(answer),
            Fact::Noted(_) => true,
        });
    }

    /// Checks a step.
    pub fn step(&mut self, step: &Step) -> Result<Next, Violation> {
        let entries = step.ask.len() + step.cancel.len();
        self.intake.step(entries)?;
        self.requests.step(&step.ask, &step.cancel, &self.visible, &mut self.intake)?;
        match &step.judgement {
            Some(Judgement::Verdict(judged)) => verdict(judged, self.contestants, &mut self.intake)?,
            Some(Judgement::Abstained(why)) => self.intake.text("an abstention's why", why)?,
            None => {}
        }
        self.over = step.judgement.is_some();
        next(self.over, entries == 0, self.requests.under_way())
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
