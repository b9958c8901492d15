//! The tournament: collects the candidates, then plays the game.

use crate::game::{Game, places};
use crate::prior::{self, Prior};
use crate::{Seeding, Settings};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Outcome, Ranking, Step, Terms};
use rescue_plugin_sdk::{Random, Roster};

/// A session of the tournament on one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Pyramid {
    settings: Settings,
    terms: Terms,
    random: Random,
    /// The candidates and their scores.
    pub(crate) roster: Roster,
    /// The game; `None` until the first step after all candidates (and scores) are known.
    game: Option<Game>,
}

impl Pyramid {
    /// A tournament without candidates.
    #[must_use]
    pub fn new(seed: u64, terms: Terms, settings: Settings) -> Self {
        Self { settings, terms, random: Random::new(seed), roster: Roster::default(), game: None }
    }

    /// Takes in the outcome of a match. Ignores it if the match is not under way.
    pub fn outcome(&mut self, outcome: &Outcome) {
        if let Some(game) = &mut self.game {
            game.outcome(outcome);
        }
    }

    /// The next step: all matches that can be played now and were not asked for yet.
    pub fn step(&mut self) -> Step {
        if !self.roster.is_closed() || (self.terms.scored && !self.roster.is_scored()) {
            return Step::default();
        }
        let field = if self.game.is_none() { self.field() } else { Vec::new() };
        let game = self.game.get_or_insert_with(|| {
            let judge_single = self.terms.smallest <= 1;
            Game::new(self.settings.clone(), self.random.clone(), field, judge_single)
        });
        let play = game.play();
        let prefetch = game.guesses(usize::try_from(self.terms.spare).unwrap_or(usize::MAX));
        Step { play, prefetch, done: game.is_over(), ..Step::default() }
    }

    /// The candidates, best prior first.
    fn field(&self) -> Vec<Prior> {
        prior::order(&self.roster, self.settings.seeding != Seeding::Blocks)
    }

    /// The current ranking of all candidates, best first: by the round in which they lost, then by prior. A candidate
    /// that is still in ranks before those that lost in the round that it plays next.
    ///
    /// The score is the number of rounds survived (a bye counts as soon as the next opponent is known), plus 0.5 if the
    /// candidate is still in, plus (1 − rank / N) · 0.4 for the prior.
    #[must_use]
    pub fn standing(&self) -> Ranking {
        let Some(game) = &self.game else {
            let field = self.field();
            return Ranking { places: places(&field, core::iter::repeat(0.5)), ..Ranking::default() };
        };
        game.ranking()
    }
}
