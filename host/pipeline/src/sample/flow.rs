//! The search of one sample as a state machine: it is told the outcomes of questions, tells its sessions what they wait for, and says which
//! questions are to be asked next. It never waits, and does not know who answers.
//!
//! ```text
//! planner → hypotheses → masks → similarities → leaders → scorer → tournament ⇄ matches
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_ledger::Key;
use rescue_plugin::{Kind, LogLine, Sample as SampleView};
use tracing::Span;

use super::briefs::Briefs;
use super::candidates::{Candidates, MadeMasks};
use super::leaders::{Fate, Leaders};
use super::planning::PlanningStage;
use super::ranking::RankingStage;
use super::scoring::ScoringStage;
use super::telling::Telling;
use super::timings::Timings;
use crate::ask::{Asker, OpenCall, QuestionOutcome};
use crate::error::RunError;
use crate::progress::Progress;

/// One search under way.
pub(crate) struct Flow<'a> {
    telling: Telling,
    /// Whether the questions of guessed matches are asked.
    guesses: bool,
    briefs: Briefs<'a>,
    /// What plugins can look up in this sample.
    view: Arc<SampleView>,
    pub(super) asker: Asker<'a>,
    planning: PlanningStage,
    candidates: Candidates,
    pub(super) leaders: Leaders,
    /// Ends when all hypotheses have their fates.
    segmenting: Span,
    /// Once the first candidate has its fate. `None` before, or if there is no scorer.
    pub(super) scoring: Option<ScoringStage>,
    /// Once the first candidate has its fate.
    pub(super) ranking: Option<RankingStage>,
    pub(super) timings: Timings,
}

impl<'a> Flow<'a> {
    /// A pass that has not begun. `guesses`: whether the questions of guessed matches are asked; `earlier`: masks that were made from
    /// the same answers.
    pub(super) fn new(
        telling: Telling,
        guesses: bool,
        briefs: Briefs<'a>,
        view: Arc<SampleView>,
        asker: Asker<'a>,
        earlier: MadeMasks,
    ) -> Result<Self, RunError> {
        Ok(Self {
            telling,
            guesses,
            planning: PlanningStage::start(&briefs, &view)?,
            candidates: Candidates::new(&briefs.sample.photo, earlier)?,
            leaders: Leaders::new(briefs.options.count, briefs.options.merge_iou),
            segmenting: Span::none(),
            briefs,
            view,
            asker,
            scoring: None,
            ranking: None,
            timings: Timings::default(),
        })
    }

    /// Goes on as far as the answers allow.
    pub(super) fn advance(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), RunError> {
        let _span = tracing::info_span!("plugins", track = self.briefs.name);
        while self.plan(progress)? | self.make_candidates(progress)? | self.score()? | self.rank(progress)? {}
        Ok(())
    }

    /// Whether the tournament has ended.
    pub(super) fn is_done(&self) -> bool {
        self.ranking.as_ref().is_some_and(|ranking| ranking.done)
    }

    /// Takes the calls that are to be sent now.
    pub(super) fn take_calls(&mut self) -> Vec<OpenCall> {
        let more = !self.planning.done;
        self.asker.take_calls(more)
    }

    /// Takes in the outcome of a question.
    pub(super) fn tell(&mut self, key: Key, outcome: QuestionOutcome) {
        self.asker.tell(key, outcome);
    }

    /// The outcomes of all questions, and the masks that were made.
    pub(super) fn into_answers(self) -> (BTreeMap<Key, QuestionOutcome>, MadeMasks) {
        (self.asker.into_answers().into_outcomes(), self.candidates.into_made())
    }

    /// What became of the hypotheses.
    pub(super) fn candidates(&self) -> &Candidates {
        &self.candidates
    }

    fn plan(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
        let proposed = self.planning.advance(self.telling, &mut self.candidates, &mut self.asker)?;
        match proposed {
            Some(0) | None => {}
            Some(count) => {
                if self.segmenting.is_none() {
                    self.segmenting = tracing::info_span!("segment", track = self.briefs.name);
                }
                progress(Progress::Segmenting(count));
            }
        }
        if proposed.is_some() && self.planning.done {
            self.timings.mark("plan", self.briefs.begun);
        }
        Ok(proposed.is_some())
    }

    /// Goes on with masks and similarities, and enters the candidates whose turn it is.
    fn make_candidates(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
        let ended = self.candidates.advance(&mut self.asker)?;
        for made in ended.iter().filter_map(|id| self.candidates.outcomes().get(id)).flatten() {
            self.view.enter(made.candidate.id, made.mask.clone(), made.reasoning.clone());
        }
        if !ended.is_empty() {
            progress(Progress::Segmented(ended.len()));
        }
        if self.leaders.is_closed() {
            return Ok(!ended.is_empty());
        }
        let all = self.planning.done && self.candidates.all_ended();
        let fates = self.leaders.add(self.candidates.outcomes(), all)?;
        let closed = self.leaders.is_closed();
        let moved = closed || !ended.is_empty() || !fates.is_empty();
        if closed {
            self.candidates.check_services(&self.asker)?;
            self.segmenting = Span::none();
            self.timings.mark("segment", self.briefs.begun);
        }
        match self.telling {
            Telling::Live => self.enter(fates)?,
            // The entered ones in the order of ids, then the gone ones.
            Telling::Canonical if closed => {
                let entered = self.leaders.entered.iter().cloned().map(Fate::Entered);
                let gone = self.leaders.gone.iter().cloned().map(Fate::Gone);
                self.enter(entered.chain(gone).collect())?;
            }
            Telling::Canonical => {}
        }
        if closed {
            self.close()?;
        }
        Ok(moved)
    }

    /// Tells the scorer and the tournament of fates; starts their sessions if these are the first.
    fn enter(&mut self, fates: Vec<Fate>) -> Result<(), RunError> {
        if fates.is_empty() {
            return Ok(());
        }
        let plugin = self.briefs.plugins.scorer.as_ref();
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
        for fate in fates {
            self.scoring.iter_mut().for_each(|scoring| scoring.note(&fate));
            ranking.note(fate);
        }
        Ok(())
    }

    /// Tells the scorer and the tournament that all hypotheses have their fates.
    fn close(&mut self) -> Result<(), RunError> {
        let standings = self.leaders.standings()?;
        self.scoring.iter_mut().for_each(|scoring| scoring.close(standings.clone()));
        self.ranking.iter_mut().for_each(|ranking| ranking.close(standings.clone()));
        Ok(())
    }

    fn score(&mut self) -> Result<bool, RunError> {
        let Some(scoring) = &mut self.scoring else { return Ok(false) };
        let moved = scoring.advance(self.telling, &mut self.asker)?;
        if let (true, Some(scores), Some(ranking)) = (moved, &scoring.scores, &mut self.ranking) {
            ranking.score(scores.clone());
            self.timings.mark("score", self.briefs.begun);
        }
        Ok(moved)
    }

    fn rank(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
        let Some(ranking) = &mut self.ranking else { return Ok(false) };
        let moved = ranking.advance(self.telling, &self.briefs, &mut self.asker, progress)?;
        if moved && ranking.done {
            self.timings.mark("rank", self.briefs.begun);
        }
        Ok(moved)
    }

    /// What plugins logged, in the order in which they work; notes the fuel that they used.
    pub(super) fn take_log(&mut self) -> Vec<(Kind, LogLine)> {
        let mut log = Vec::new();
        let mut keep = |kind: Kind, lines: Vec<LogLine>, fuel: u64| {
            log.extend(lines.into_iter().map(|line| (kind, line)));
            self.timings.fuel(kind, fuel);
        };
        let planning = self.planning.session();
        keep(Kind::Planner, planning.take_log(), planning.fuel());
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
