//! A planner that finds what a referring expression names among detections.
//!
//! It reads the query with `rescue-phrase`, asks the host's detector for every noun in it, works out how well each found
//! object fits what is said of it, and proposes boxes, points and parts of the best ones. Where it does not understand what is
//! sought, or nothing of that name is found, it says so and proposes nothing.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod choice;
pub mod fit;
mod grounder;
pub mod look;
pub mod object;
pub mod relate;
pub mod vary;

use rescue_plugin_sdk::planner::{Fact, Planner, Step};
use rescue_plugin_sdk::{Brief, Fault, settings};

pub use grounder::Grounder;

settings! {
    /// How objects become hypotheses.
    pub struct Settings {
        /// Detections with a lower score are left out. Those without a score count as .5.
        pub least_score: f64 = 0.3, 0.0..=1.0;
        /// Where even the best object fits the expression worse than this, nothing in the image does. Each thing said that
        /// does not hold at all lowers the fit to a fiftieth.
        pub least_fit: f64 = 0.01, 0.0..=1.0;
        /// How many objects are followed beyond their box.
        pub objects: u32 = 6, 1..=64;
        /// How far jittered boxes move and grow at most, as a share of the box.
        pub jitter: f64 = 0.1, 0.0..=0.5;
        /// How much each word that is not understood lowers the confidence: it is multiplied by one minus this.
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
