//! The tournament as a whole: who takes part, then the game.

use crate::Settings;
use crate::game::{Game, places};
use crate::prior;
use rescue_plugin_sdk::tournament::{Outcome, Ranking, Step, Terms};
use rescue_plugin_sdk::{Random, Roster};

/// Single elimination.
#[derive(Debug, Clone, PartialEq)]
pub struct Pyramid {
    settings: Settings,
    terms: Terms,
    random: Random,
    /// Who takes part.
    pub(crate) roster: Roster,
    /// From the first step after everyone is known.
    game: Option<Game>,
}

impl Pyramid {
    /// A tournament that nobody entered yet.
    #[must_use]
    pub fn new(seed: u64, terms: Terms, settings: Settings) -> Self {
        Self { settings, terms, random: Random::new(seed), roster: Roster::default(), game: None }
    }

    /// A match ended. One that is not under way is ignored.
    pub fn outcome(&mut self, outcome: &Outcome) {
        if let Some(game) = &mut self.game {
            game.outcome(outcome);
        }
    }

    /// All matches that can be played now and were not asked for yet.
    pub fn step(&mut self) -> Step {
        if !self.roster.is_closed() || (self.terms.scored && !self.roster.is_scored()) {
            return Step::default();
        }
        let game = self.game.get_or_insert_with(|| {
            let alone = self.terms.smallest <= 1;
            Game::new(self.settings.clone(), self.random.clone(), prior::order(&self.roster), alone)
        });
        let play = game.play();
        let prefetch = game.likely(usize::try_from(self.terms.spare).unwrap_or(usize::MAX));
        Step { play, prefetch, done: game.is_over(), ..Step::default() }
    }

    /// Everyone, best first: by the round they lost in, then by prior. Those who are still in stand before those who lost in
    /// the round that they play next.
    ///
    /// The score is the number of rounds survived (a bye counts as soon as the next opponent is known), plus .5 for those still
    /// in, plus less than .5 for the prior: (1 − rank / N) · .4.
    #[must_use]
    pub fn standing(&self) -> Ranking {
        let Some(game) = &self.game else {
            let field = prior::order(&self.roster);
            return Ranking { places: places(&field, core::iter::repeat(0.5)), ..Ranking::default() };
        };
        game.ranking()
    }
}
