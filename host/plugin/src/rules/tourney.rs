//! The rules for a tournament's session.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Checked, IdSet, Intake, Next, Violation, distinct, finite, next, unit};
use crate::border::exports::rescue::plugin::tournament::{Fact, Lineup, Match, Ranking, Step, Terms};
use crate::border::rescue::plugin::types::Brief;
use crate::limits::Limits;

/// What a tournament was told and what it has planned so far. The plugin chooses the ids of its matches, so the sets use std's
/// keyed hash: the plugin cannot choose ids that collide.
#[derive(Clone, Debug)]
pub struct TourneyRules {
    intake: Intake,
    smallest: u32,
    largest: u32,
    spare: u32,
    entered: Arc<IdSet>,
    /// All ids of matches so far.
    matches: HashSet<u32>,
    under_way: HashSet<u32>,
    lineups: HashSet<(Vec<u32>, u32)>,
    over: bool,
}

impl TourneyRules {
    /// The rules for a session with this brief and these terms.
    pub fn new(brief: &Brief, terms: &Terms, limits: Arc<Limits>) -> Self {
        Self {
            intake: Intake::new(brief.room, limits),
            smallest: terms.smallest,
            largest: terms.largest,
            spare: terms.spare,
            entered: Arc::default(),
            matches: HashSet::new(),
            under_way: HashSet::new(),
            lineups: HashSet::new(),
            over: false,
        }
    }

    /// Notes what the session is told. Removes the outcomes of matches that were cancelled.
    pub fn told(&mut self, facts: &mut Vec<Fact>) {
        facts.retain(|fact| match fact {
            Fact::Played(outcome) => self.under_way.remove(&outcome.id),
            _ => true,
        });
        for fact in facts {
            if let Fact::Entered(candidate) = fact {
                Arc::make_mut(&mut self.entered).insert(candidate.id);
            }
        }
    }

    /// Checks a step. `owed`: whether facts other than outcomes of its matches are still to come.
    pub fn step(&mut self, step: &Step, owed: bool) -> Result<Next, Violation> {
        self.intake.step(step.play.len() + step.cancel.len() + step.prefetch.len())?;
        self.intake.list(&step.play)?;
        step.play.iter().try_for_each(|played| self.play(played))?;
        for id in &step.cancel {
            if !self.matches.contains(id) {
                return Err(Violation::UnknownCancel(*id));
            }
            self.under_way.remove(id);
        }
        let (guesses, spare) = (step.prefetch.len(), self.spare);
        if guesses > spare as usize {
            return Err(Violation::Spare { guesses, spare });
        }
        step.prefetch.iter().try_for_each(|guess| self.guess(&guess.contestants))?;
        self.over = step.done;
        let empty = step.play.is_empty() && step.cancel.is_empty();
        next(step.done, empty, owed || !self.under_way.is_empty())
    }

    /// The candidates that the session may look up: those that have entered.
    pub(crate) fn visible(&self) -> &Arc<IdSet> {
        &self.entered
    }

    fn guess(&self, contestants: &[u32]) -> Checked {
        let (count, smallest, largest) = (contestants.len(), self.smallest, self.largest);
        if count < smallest as usize || count > largest as usize {
            return Err(Violation::GuessedContestants { contestants: count, smallest, largest });
        }
        distinct("a guess", contestants, &self.entered)
    }

    fn play(&mut self, Match { id, lineup }: &Match) -> Checked {
        let (id, Lineup { contestants, repeat }) = (*id, lineup);
        if !self.matches.insert(id) {
            return Err(Violation::MatchTwice(id));
        }
        let (smallest, largest) = (self.smallest, self.largest);
        if contestants.len() < smallest as usize || contestants.len() > largest as usize {
            return Err(Violation::Contestants { id, contestants: contestants.len(), smallest, largest });
        }
        distinct("a match", contestants, &self.entered)?;
        self.intake.list(contestants)?;
        if !self.lineups.insert((contestants.clone(), *repeat)) {
            return Err(Violation::MatchRepeated(id));
        }
        self.under_way.insert(id);
        Ok(())
    }

    /// Checks that a ranking names every entered candidate exactly once, and no other, and that its numbers are in range.
    pub fn ranking(&mut self, ranking: &Ranking) -> Result<(), Violation> {
        let what = "the ranking";
        let ids: Vec<u32> = ranking.places.iter().map(|place| place.id).collect();
        distinct(what, &ids, &self.entered)?;
        if ids.len() < self.entered.len() {
            let named: IdSet = ids.into_iter().collect();
            let missing = self.entered.iter().find(|id| !named.contains(*id));
            return Err(Violation::CandidateMissing { what, id: missing.unwrap_or_default() });
        }
        let mut last = f64::INFINITY;
        for place in &ranking.places {
            finite("a place's score", place.score)?;
            if place.score > last {
                return Err(Violation::Rising(place.id));
            }
            last = place.score;
        }
        unit("the ranking's no-target", ranking.no_target)?;
        self.intake.extras("a note", &ranking.notes)?;
        match ranking.answer.as_deref() {
            Some([]) => Err(Violation::EmptyAnswer),
            Some(answer) => distinct("the ranking's answer", answer, &self.entered),
            None => Ok(()),
        }
    }

    /// Whether the session still waits for the outcome of this match.
    pub fn wants(&self, id: u32) -> bool {
        !self.over && self.under_way.contains(&id)
    }

    /// Whether the session has ended.
    pub fn over(&self) -> bool {
        self.over
    }
}
