//! The search of one sample as a state machine: it is told the outcomes of questions, tells its sessions what they wait for, and says which
//! questions are to be asked next. It never waits, and does not know who answers.
//!
//! ```text
//! planner → hypotheses → masks → similarities → leaders → selections: scorer → tournament ⇄ matches
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_ledger::Key;
use rescue_plugin::{Kind, LogLine, Sample as SampleView};
use tracing::Span;

use super::briefs::Briefs;
use super::candidates::{Candidates, HypothesisOutcomes, MadeMasks};
use super::leaders::Leaders;
use super::planning::PlanningStage;
use super::prefix::Prefix;
use super::selection::Selection;
use super::telling::Telling;
use super::timings::Timings;
use crate::ask::{Asker, OpenCall, QuestionOutcome};
use crate::error::RunError;
use crate::progress::Progress;

/// One search under way.
pub(crate) struct Flow<'a> {
    telling: Telling,
    briefs: Briefs<'a>,
    /// What plugins can look up in this sample.
    view: Arc<SampleView>,
    pub(super) asker: Asker<'a>,
    planning: PlanningStage,
    candidates: Candidates,
    leaders: Leaders,
    /// Ends when all hypotheses have their fates.
    segmenting: Span,
    /// The choice among all candidates.
    pub(super) own: Selection<'a>,
    /// Further choices. What they come to is thrown away: one that has ended, or has failed, is dropped.
    further: Vec<Selection<'a>>,
    pub(super) timings: Timings,
}

impl<'a> Flow<'a> {
    /// A pass that has not begun. `guesses`: whether the questions of guessed matches are asked; `earlier`: masks that were made from
    /// the same answers; `further`: the briefs of further choices, each among at most as many hypotheses.
    pub(super) fn new(
        telling: Telling,
        guesses: bool,
        briefs: Briefs<'a>,
        further: Vec<Briefs<'a>>,
        view: Arc<SampleView>,
        asker: Asker<'a>,
        earlier: MadeMasks,
    ) -> Result<Self, RunError> {
        let selection = |briefs| Selection::new(briefs, guesses, view.clone());
        Ok(Self {
            telling,
            planning: PlanningStage::start(&briefs, &view)?,
            candidates: Candidates::new(&briefs.sample.photo, earlier)?,
            leaders: Leaders::new(briefs.count, briefs.options.merge_iou),
            segmenting: Span::none(),
            own: selection(briefs),
            further: further.into_iter().map(selection).collect(),
            briefs,
            view,
            asker,
            timings: Timings::default(),
        })
    }

    /// Goes on as far as the answers allow.
    pub(super) fn advance(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), RunError> {
        let _span = tracing::info_span!("plugins", track = self.briefs.name);
        while self.plan(progress)? | self.make_candidates(progress)? | self.choose(progress)? {}
        Ok(())
    }

    /// Whether all tournaments have ended.
    pub(super) fn is_done(&self) -> bool {
        self.own.is_done() && self.further.is_empty()
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
        (self.asker.answers_so_far().outcomes(), self.candidates.into_made())
    }

    /// What became of the first hypotheses, all of which have their fates.
    pub(super) fn prefix(&self, count: u32) -> Prefix {
        self.leaders.prefix(count, self.candidates.outcomes())
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
        let Self { telling, leaders, candidates, .. } = self;
        let tell = |selection: &mut Selection| {
            let count = selection.briefs.count;
            let whole = leaders.next >= count && !selection.is_closed();
            match telling {
                Telling::Live => {
                    selection.enter(fates.iter().filter(|fate| fate.id() < count).cloned())?;
                    if whole {
                        selection.close(&leaders.prefix(count, &HypothesisOutcomes::new()).standings);
                    }
                    Ok(())
                }
                Telling::Canonical if whole => selection.take(&leaders.prefix(count, candidates.outcomes())),
                Telling::Canonical => Ok(()),
            }
        };
        tell(&mut self.own)?;
        // The pass of a further choice alone comes upon its error.
        self.further.retain_mut(|selection| tell(selection).is_ok());
        Ok(moved)
    }

    fn choose(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
        let Self { telling, asker, .. } = self;
        let mut moved = self.own.advance(*telling, asker, progress)?;
        self.further.retain_mut(|selection| {
            let advanced = selection.advance(*telling, asker, progress);
            moved |= matches!(advanced, Ok(true));
            advanced.is_ok() && !selection.is_done()
        });
        Ok(moved)
    }

    /// What plugins logged, in the order in which they work; notes the fuel that they used.
    pub(super) fn take_log(&mut self) -> Vec<(Kind, LogLine)> {
        let planning = self.planning.session();
        let mut log: Vec<_> = planning.take_log().into_iter().map(|line| (Kind::Planner, line)).collect();
        self.timings.fuel(Kind::Planner, planning.fuel());
        log.extend(self.own.take_log());
        self.timings.extend(&self.own.timings);
        log
    }
}
