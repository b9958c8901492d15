//! A planner that picks the detected objects that a referring expression names.
//!
//! It parses the query with `rescue-phrase`, asks the host's detector for every noun in it, computes how well each
//! detected object fits the description, and proposes boxes, points and parts of the best ones. If it does not
//! understand what is sought, or nothing of that name is detected, it proposes no hypothesis and says why.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod absent;
pub mod choice;
pub mod colours;
pub mod fit;
mod grounder;
pub mod object;
pub mod relate;
pub mod vary;

use rescue_plugin_sdk::planner::{Fact, Planner, Step};
use rescue_plugin_sdk::{Brief, Fault, settings};

pub use grounder::Grounder;

settings! {
    /// How detected objects become hypotheses.
    pub struct Settings {
        /// Detections with a lower score are ignored. A detection without a score counts as 0.5.
        pub least_score: f64 = 0.3, 0.0..=1.0;
        /// If even the best object fits the query worse than this, the answer is that nothing in the image fits. Each
        /// part of the description that does not hold at all multiplies the fit by 0.02.
        pub least_fit: f64 = 0.01, 0.0..=1.0;
        /// For how many of the best objects more than the plain box is proposed (points, jittered boxes, parts).
        pub objects: u32 = 6, 1..=64;
        /// How far a jittered box moves and grows at most, as a share of the size of the box.
        pub jitter: f64 = 0.1, 0.0..=0.5;
        /// How much each word that is not understood lowers the confidence: the confidence is multiplied by one minus
        /// this.
        pub doubt: f64 = 0.1, 0.0..=1.0;
    }
}

impl Planner for Grounder {
    type Settings = Settings;
    const NEEDS: &'static [&'static str] = &["detect", "pixels"];

    fn start(brief: Brief, settings: Settings) -> Result<Self, Fault> {
        Ok(Self::new(brief, settings, rescue_plugin_sdk::Sample))
    }

    fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
        if let Fact::Answered(answer) = fact {
            self.answered(answer);
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        Ok(self.step())
    }
}

rescue_plugin_sdk::export! {
    name: "grounder",
    summary: "Proposes the detected objects that a referring expression names: colour, size, place, rank and relations.",
    planner: Grounder,
}

#[cfg(test)]
mod tests;
