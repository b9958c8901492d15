//! A single-elimination tournament: N − 1 matches of two candidates. Candidates are ranked by the number of rounds they
//! survive.
//!
//! The bracket is fixed before the first match: seeded by prior, so that the best candidates meet late, drawn at random,
//! or by id in blocks that double. An outcome moves the winner up by one place, whatever else is known, so the order of outcomes cannot matter.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod bracket;
pub mod game;
pub mod pairing;
pub mod prior;
mod pyramid;

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Fact, Ranking, Step, Terms, Tournament};
use rescue_plugin_sdk::{Brief, Fault, choices, settings};

pub use pyramid::Pyramid;

choices! {
    /// How the bracket is seeded.
    pub enum Seeding {
        /// By prior: score, then confidence, then predicted IoU.
        Prior = "prior",
        /// At random.
        Seed = "seed",
        /// By id, in blocks that double.
        Blocks = "blocks",
    }
}

choices! {
    /// Which of two candidates is shown first.
    pub enum Order {
        /// One drawn at random for each match.
        Random = "random",
        /// The one with the better prior.
        Fixed = "fixed",
    }
}

settings! {
    /// How the pyramid is played.
    pub struct Settings {
        /// How the bracket is seeded: with "prior", the candidates with the best scores (without scores: confidence,
        /// then predicted IoU) meet as late as possible; with "seed", the bracket is drawn at random from the seed; with
        /// "blocks", it goes by id, so that the winner of the first 1, 2, 4, … candidates meets that of the next as many.
        /// Then nothing among the first ones depends on the later ones, and one run tells what fewer hypotheses would
        /// have given. Scores count for nothing in blocks, because they may depend on all candidates.
        pub seeding: Seeding = Seeding::Prior;
        /// Which of two candidates is shown first: "random" draws it for each match, so that a verifier that favours
        /// the first picture does no harm on average; "fixed" shows the one with the better prior first.
        pub order: Order = Order::Random;
        /// How often a match without a verdict is played again, each time in the other order. After that, the prior
        /// decides.
        pub rematches: u32 = 1, 0..=16;
    }
}

impl Tournament for Pyramid {
    type Settings = Settings;
    const TRAITS: &'static [(&'static str, &'static str)] = &[("contestants", "2"), ("ranking", "full")];

    fn start(brief: Brief, terms: Terms, settings: Settings) -> Result<Self, Fault> {
        if terms.smallest > 2 || terms.largest < 2 {
            let Terms { smallest, largest, .. } = terms;
            return Err(Fault::unsupported(format!(
                "the pyramid shows two candidates at a time, but the verifier takes {smallest} to {largest}: choose another \
                 tournament or verifier"
            )));
        }
        Ok(Self::new(brief.seed, terms, settings))
    }

    fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
        match fact {
            Fact::Entered(candidate) => self.roster.enter(candidate),
            Fact::Closed(standings) => self.roster.close(standings),
            Fact::Scored(scores) => self.roster.score(scores),
            Fact::Played(outcome) => self.outcome(&outcome),
            Fact::Gone(_) | Fact::Noted(_) => {}
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        Ok(self.step())
    }

    fn ranking(&self) -> Result<Ranking, Fault> {
        Ok(self.standing())
    }
}

rescue_plugin_sdk::export! {
    name: "pyramid",
    summary: "Ranks by single elimination: N - 1 matches of two, seeded by prior, at random, or in blocks by id.",
    tournament: Pyramid,
}

#[cfg(test)]
mod regression;
#[cfg(test)]
mod tests;
