//! A tournament by single elimination: N − 1 matches of two, and everyone ranked by how far they came.
//!
//! The bracket is fixed before the first match: by prior, so that those believed best meet late, or by lot. An outcome moves the
//! winner one place up in it, whatever else is known. So the order of outcomes cannot matter.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod bracket;
pub mod contest;
pub mod game;
pub mod prior;
mod pyramid;

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Fact, Ranking, Step, Terms, Tournament};
use rescue_plugin_sdk::{Brief, Fault, choices, settings};

pub use pyramid::Pyramid;

choices! {
    /// Where the bracket comes from.
    pub enum Seeding {
        /// From the prior: the scorer's numbers, else confidence and predicted IoU.
        Prior = "prior",
        /// By lot.
        Seed = "seed",
    }
}

choices! {
    /// Who of two is shown first.
    pub enum Order {
        /// By a coin of the match.
        Random = "random",
        /// The one with the better prior.
        Fixed = "fixed",
    }
}

settings! {
    /// How the pyramid is played.
    pub struct Settings {
        /// Where the bracket comes from: "prior" lets those with the best scores (without scores: confidence, then predicted
        /// IoU) meet as late as possible, "seed" draws it by lot.
        pub seeding: Seeding = Seeding::Prior;
        /// Who of two is shown first: "random" tosses a coin for each match, so that a judge who likes the first picture does
        /// no harm on average; "fixed" shows the one with the better prior first.
        pub order: Order = Order::Random;
        /// How often a match without a verdict is played again, each time in the other order, before the prior decides.
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
    summary: "Ranks by single elimination: N - 1 matches of two, seeded by prior or by lot.",
    tournament: Pyramid,
}

#[cfg(test)]
mod pinned;
#[cfg(test)]
mod tests;
