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
use super::leaders::{Fate, Leaders};
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
    /// The choices among the candidates. The first one is among all.
    pub(super) selections: Vec<Selection<'a>>,
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
            selections: std::iter::once(briefs).chain(further).map(selection).collect(),
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
        self.selections.iter().all(Selection::is_done)
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
        for selection in &mut self.selections {
            let count = selection.briefs.count;
            let whole = self.leaders.next >= count && !selection.is_closed();
            match self.telling {
                Telling::Live => {
                    let own = |fate: &&Fate| fate.id() < count;
                    selection.enter(fates.iter().filter(own).cloned())?;
                    if whole {
                        selection.close(&self.leaders.prefix(count, &HypothesisOutcomes::new()).standings);
                    }
                }
                Telling::Canonical if whole => {
                    selection.take(&self.leaders.prefix(count, self.candidates.outcomes()))?
                }
                Telling::Canonical => {}
            }
        }
        Ok(moved)
    }

    fn choose(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
        let mut moved = false;
        let mut kept = Vec::with_capacity(self.selections.len());
        for (place, mut selection) in std::mem::take(&mut self.selections).into_iter().enumerate() {
            let advanced = selection.advance(self.telling, &mut self.asker, progress);
            let is_own = place == 0;
            match advanced {
                Ok(advanced) => moved |= advanced,
                // The pass of that choice alone comes upon it.
                Err(_) if !is_own => continue,
                Err(error) => {
                    kept.push(selection);
                    self.selections = kept;
                    return Err(error);
                }
            }
            // What a further choice comes to is thrown away here: its sessions are not needed any more.
            if is_own || !selection.is_done() {
                kept.push(selection);
            }
        }
        self.selections = kept;
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
        if let Some(selection) = self.selections.first_mut() {
            log.extend(selection.take_log());
            self.timings.extend(&selection.timings);
        }
        log
    }
}
