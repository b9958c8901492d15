//! A choice among the first hypotheses of a search: a scorer's and a tournament's session, told what became of each hypothesis.

use std::sync::Arc;

use rescue_plugin::border::rescue::plugin::types::Standing;
use rescue_plugin::{Kind, LogLine, Sample as SampleView};

use super::briefs::Briefs;
use super::leaders::Fate;
use super::prefix::Prefix;
use super::ranking::RankingStage;
use super::scoring::ScoringStage;
use super::telling::Telling;
use super::timings::Timings;
use crate::ask::Asker;
use crate::error::RunError;
use crate::progress::Progress;

/// A choice under way.
pub(crate) struct Selection<'a> {
    pub(super) briefs: Briefs<'a>,
    /// Whether the questions of guessed matches are asked.
    guesses: bool,
    /// What plugins can look up in this sample.
    view: Arc<SampleView>,
    /// Once the first hypothesis has its fate. `None` before, or if there is no scorer.
    pub(super) scoring: Option<ScoringStage>,
    /// Once the first hypothesis has its fate.
    pub(super) ranking: Option<RankingStage>,
    closed: bool,
    /// When its stages ended, and its fuel.
    pub(super) timings: Timings,
}

impl<'a> Selection<'a> {
    /// A choice that has not begun, among as many hypotheses as the briefs say. `guesses`: whether the questions of guessed matches are asked.
    pub(super) fn new(briefs: Briefs<'a>, guesses: bool, view: Arc<SampleView>) -> Self {
        let (scoring, ranking, timings) = Default::default();
        Self { briefs, guesses, view, scoring, ranking, closed: false, timings }
    }

    /// Tells it all of these hypotheses at once, in the canonical order: those that take part in the order of ids, then the others.
    pub(super) fn take(&mut self, prefix: &Prefix) -> Result<(), RunError> {
        let entered = prefix.entered.iter().cloned().map(Fate::Entered);
        self.enter(entered.chain(prefix.gone.iter().cloned().map(Fate::Gone)))?;
        self.close(&prefix.standings);
        Ok(())
    }

    /// Tells the scorer and the tournament of fates; starts their sessions if these are the first.
    pub(super) fn enter(&mut self, fates: impl IntoIterator<Item = Fate>) -> Result<(), RunError> {
        let plugin = self.briefs.plugins.scorer.as_ref();
        for fate in fates {
            if let (Some(plugin), None) = (plugin, &self.scoring) {
                self.scoring = Some(ScoringStage::start(&self.briefs, plugin, &self.view)?);
            }
            let ranking = match &mut self.ranking {
                Some(ranking) => ranking,
                None => {
                    let stage = RankingStage::start(&self.briefs, plugin.is_some(), self.guesses, &self.view)?;
                    self.ranking.insert(stage)
                }
            };
            self.scoring.iter_mut().for_each(|scoring| scoring.note(&fate));
            ranking.note(fate);
        }
        Ok(())
    }

    /// Tells them that all hypotheses have their fates.
    pub(super) fn close(&mut self, standings: &[Standing]) {
        self.closed = true;
        self.scoring.iter_mut().for_each(|scoring| scoring.close(standings.to_vec()));
        self.ranking.iter_mut().for_each(|ranking| ranking.close(standings.to_vec()));
    }

    /// Whether they know of all hypotheses.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the tournament has ended.
    pub(super) fn is_done(&self) -> bool {
        self.ranking.as_ref().is_some_and(|ranking| ranking.done)
    }

    /// Goes on as far as the answers allow. Returns whether anything happened.
    pub(super) fn advance(
        &mut self,
        telling: Telling,
        asker: &mut Asker,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool, RunError> {
        let mut moved = false;
        if let Some(scoring) = &mut self.scoring
            && scoring.advance(telling, asker)?
        {
            moved = true;
            if let (Some(scores), Some(ranking)) = (&scoring.scores, &mut self.ranking) {
                ranking.score(scores.clone());
                self.timings.mark("score", self.briefs.begun);
            }
        }
        if let Some(ranking) = &mut self.ranking
            && ranking.advance(telling, &self.briefs, asker, progress)?
        {
            moved = true;
            if ranking.done {
                self.timings.mark("rank", self.briefs.begun);
            }
        }
        Ok(moved)
    }

    /// What its plugins logged, in the order in which they work; notes the fuel that they used.
    pub(super) fn take_log(&mut self) -> Vec<(Kind, LogLine)> {
        let mut log = Vec::new();
        let mut keep = |kind: Kind, lines: Vec<LogLine>, fuel: u64| {
            log.extend(lines.into_iter().map(|line| (kind, line)));
            self.timings.fuel(kind, fuel);
        };
        if let Some(scoring) = self.scoring.as_mut().map(ScoringStage::session) {
            keep(Kind::Scorer, scoring.take_log(), scoring.fuel());
        }
        if let Some(ranking) = &mut self.ranking {
            let verifier = ranking.matches.verifier();
            keep(Kind::Verifier, verifier.take_log(), verifier.fuel());
            let tourney = ranking.session();
            keep(Kind::Tournament, tourney.take_log(), tourney.fuel());
        }
        log
    }
}
