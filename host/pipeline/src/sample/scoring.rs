//! The scorer's session: it is told of the candidates, and gives their scores.

use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::scorer::Fact;
use rescue_plugin::border::rescue::plugin::types::{Score, Standing};
use rescue_plugin::{Kind, Sample as SampleView, Scoring};
use tracing::Span;

use super::briefs::Briefs;
use super::leaders::Fate;
use super::telling::Telling;
use crate::ask::{Asker, Owed};
use crate::error::RunError;
use crate::plugins::ConfiguredPlugin;

pub(super) struct ScoringStage {
    session: Scoring,
    owed: Vec<Owed>,
    begun: bool,
    /// Facts about candidates that the scorer has not been told.
    facts: Vec<Fact>,
    /// Whether `closed` is among them, or was told.
    closed: bool,
    /// The scores. `None` until it has given them.
    pub(super) scores: Option<Vec<Score>>,
    /// Ends with the stage.
    span: Span,
}

impl ScoringStage {
    pub(super) fn start(briefs: &Briefs, plugin: &ConfiguredPlugin, view: &Arc<SampleView>) -> Result<Self, RunError> {
        let session = Scoring::start(&plugin.plugin, view, &briefs.of(Kind::Scorer, plugin))?;
        let span = tracing::info_span!("score", track = briefs.name);
        Ok(Self { session, owed: Vec::new(), begun: false, facts: Vec::new(), closed: false, scores: None, span })
    }

    /// Notes what became of a hypothesis.
    pub(super) fn note(&mut self, fate: &Fate) {
        self.facts.push(match fate {
            Fate::Entered(made) => Fact::Entered(made.candidate.clone()),
            Fate::Gone(gone) => Fact::Gone(gone.clone()),
        });
    }

    /// Notes that all hypotheses have their fates.
    pub(super) fn close(&mut self, standings: Vec<Standing>) {
        self.facts.push(Fact::Closed(standings));
        self.closed = true;
    }

    /// Tells the scorer what is there and asks for its next plan. Returns whether it did.
    pub(super) fn advance(&mut self, telling: Telling, asker: &mut Asker) -> Result<bool, RunError> {
        if self.scores.is_some() {
            return Ok(false);
        }
        // It is first asked before it was told anything.
        if self.begun {
            if telling == Telling::Canonical && !self.closed {
                return Ok(false);
            }
            let Some(answers) = telling.take(&mut self.owed, asker)? else { return Ok(false) };
            if answers.is_empty() && self.facts.is_empty() {
                return Ok(false);
            }
            let mut facts = std::mem::take(&mut self.facts);
            facts.extend(answers.into_iter().map(|told| Fact::Answered(told.answer)));
            self.session.tell(facts)?;
        }
        let plan = self.session.plan(!self.begun || !self.closed)?;
        self.begun = true;
        self.scores = plan.scores;
        match self.scores {
            Some(_) => self.span = Span::none(),
            None => self.owed.extend(asker.ask(Kind::Scorer, 0, &plan.ask)?),
        }
        Ok(true)
    }

    pub(super) fn session(&mut self) -> &mut Scoring {
        &mut self.session
    }
}
