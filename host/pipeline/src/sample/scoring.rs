//! The scorer's session: it is told of the candidates, and gives their scores.

use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::scorer::Fact;
use rescue_plugin::border::rescue::plugin::types::Score;
use rescue_plugin::{Kind, Sample as SampleView, Scoring};

use super::briefs::Briefs;
use super::telling::Telling;
use crate::ask::{Asker, Owed};
use crate::error::RunError;
use crate::plugins::ConfiguredPlugin;

pub(super) struct ScoringStage {
    session: Scoring,
    owed: Vec<Owed>,
    begun: bool,
    /// Facts about candidates that the scorer has not been told.
    pub(super) facts: Vec<Fact>,
    /// Whether `closed` is among them, or was told.
    pub(super) closed: bool,
    /// The scores. `None` until it has given them.
    pub(super) scores: Option<Vec<Score>>,
}

impl ScoringStage {
    pub(super) fn start(briefs: &Briefs, plugin: &ConfiguredPlugin, view: &Arc<SampleView>) -> Result<Self, RunError> {
        let session = Scoring::start(&plugin.plugin, view, &briefs.of(Kind::Scorer, plugin))?;
        Ok(Self { session, owed: Vec::new(), begun: false, facts: Vec::new(), closed: false, scores: None })
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
        if self.scores.is_none() {
            self.owed.extend(asker.ask(Kind::Scorer, 0, &plan.ask)?);
        }
        Ok(true)
    }

    pub(super) fn session(&mut self) -> &mut Scoring {
        &mut self.session
    }
}
