//! The rules of one judging of a verifier.

use std::sync::Arc;

use super::requests::Requests;
use super::verdict::verdict;
use super::{IdSet, Intake, Next, Violation, next};
use crate::border::exports::rescue::plugin::verifier::{Contest, Fact, Judgement, Step};
use crate::border::rescue::plugin::types::Brief;
use crate::limits::Limits;

/// What a judging was told and what it asked so far.
#[derive(Clone, Debug)]
pub struct JudgingRules {
    intake: Intake,
    requests: Requests,
    known: Arc<IdSet>,
    contestants: usize,
    over: bool,
}

impl JudgingRules {
    /// Of a judging with this brief and contest.
    pub fn new(brief: &Brief, contest: &Contest, limits: Arc<Limits>) -> Self {
        Self {
            intake: Intake::new(brief.room, limits),
            requests: Requests::default(),
            known: Arc::new(contest.contestants.iter().map(|candidate| candidate.id).collect()),
            contestants: contest.contestants.len(),
            over: false,
        }
    }

    /// The contestants.
    pub(crate) fn known(&self) -> &Arc<IdSet> {
        &self.known
    }

    /// Takes out the answers that are not wanted any more, and notes the rest.
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
        self.requests.step(&step.ask, &step.cancel, &self.known, &mut self.intake)?;
        match &step.judgement {
            Some(Judgement::Verdict(judged)) => verdict(judged, self.contestants, &mut self.intake)?,
            Some(Judgement::Abstained(why)) => self.intake.text("an abstention's why", why)?,
            None => {}
        }
        self.over = step.judgement.is_some();
        next(self.over, entries == 0, self.requests.under_way())
    }

    /// Whether an answer to this request is still to come.
    pub fn wants(&self, request: u32) -> bool {
        !self.over && self.requests.wants(request)
    }

    /// Whether the judging has ended.
    pub fn over(&self) -> bool {
        self.over
    }
}
