//! The planner's session: its questions are answered, its proposals become candidates.

use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::planner::{Fact, Proposal};
use rescue_plugin::border::rescue::plugin::types::Gone;
use rescue_plugin::{Kind, Planning, Sample as SampleView};
use tracing::Span;

use super::briefs::Briefs;
use super::candidates::Candidates;
use super::telling::Telling;
use crate::ask::{Asker, Owed};
use crate::error::RunError;

pub(super) struct PlanningStage {
    session: Planning,
    /// Whether the planner is told what becomes of its proposals.
    feedback: bool,
    owed: Vec<Owed>,
    /// Proposals whose outcome the planner has not been told, in the order of ids. Empty without feedback.
    untold: Vec<u32>,
    begun: bool,
    pub(super) done: bool,
    /// Ends with the stage.
    span: Span,
}

impl PlanningStage {
    pub(super) fn start(briefs: &Briefs, view: &Arc<SampleView>) -> Result<Self, RunError> {
        let plugin = &briefs.plugins.planner;
        Ok(Self {
            session: Planning::start(&plugin.plugin, view, &briefs.of(Kind::Planner, plugin))?,
            feedback: plugin.needs(Kind::Planner, "feedback"),
            owed: Vec::new(),
            untold: Vec::new(),
            begun: false,
            done: false,
            span: tracing::info_span!("plan", track = briefs.name),
        })
    }

    /// Tells the planner what is there and asks for its next plan. Returns the number of new hypotheses; `None` if it has to wait.
    pub(super) fn advance(
        &mut self,
        telling: Telling,
        candidates: &mut Candidates,
        asker: &mut Asker,
    ) -> Result<Option<usize>, RunError> {
        if self.done || self.begun && !self.tell(telling, candidates, asker)? {
            return Ok(None);
        }
        self.begun = true;
        let plan = self.session.plan(self.feedback)?;
        self.done = plan.done;
        if self.done {
            self.span = Span::none();
        }
        let proposed = plan.propose.iter().filter(|one| matches!(one, Proposal::Hypothesis(_))).count();
        for proposal in plan.propose {
            if self.feedback {
                self.untold.push(id_of(&proposal));
            }
            candidates.propose(proposal, asker)?;
        }
        self.untold.sort_unstable();
        if !self.done {
            self.owed.extend(asker.ask(Kind::Planner, 0, &plan.ask)?);
        }
        Ok(Some(proposed))
    }

    /// Returns whether the planner was told what is new, or waits for nothing.
    fn tell(&mut self, telling: Telling, candidates: &Candidates, asker: &mut Asker) -> Result<bool, RunError> {
        let outcomes = candidates.outcomes();
        if telling == Telling::Canonical && !self.untold.iter().all(|id| outcomes.contains_key(id)) {
            return Ok(false);
        }
        let Some(answers) = telling.take(&mut self.owed, asker)? else { return Ok(false) };
        if self.untold.iter().any(|id| outcomes.contains_key(id)) {
            candidates.check_services(asker)?;
        }
        let mut facts: Vec<Fact> = answers.into_iter().map(|told| Fact::Answered(told.answer)).collect();
        self.untold.retain(|id| match outcomes.get(id) {
            Some(Ok(made)) => {
                facts.push(Fact::Entered(made.candidate.clone()));
                false
            }
            Some(Err(why)) => {
                facts.push(Fact::Gone(Gone { id: *id, why: why.clone() }));
                false
            }
            None => true,
        });
        let waits = !self.owed.is_empty() || !self.untold.is_empty();
        if facts.is_empty() && waits {
            return Ok(false);
        }
        self.session.tell(facts)?;
        Ok(true)
    }

    pub(super) fn session(&mut self) -> &mut Planning {
        &mut self.session
    }
}

fn id_of(proposal: &Proposal) -> u32 {
    match proposal {
        Proposal::Hypothesis(hypothesis) => hypothesis.id,
        Proposal::NoTarget(blank) | Proposal::Skipped(blank) => blank.id,
    }
}
