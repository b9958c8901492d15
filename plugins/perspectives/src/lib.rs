//! A planner that asks a vision-language model for the box of the sought thing, from eight perspectives.
//!
//! Each of eight [strategies](strategy) tells the model to look at something else: where the thing is, what it is for,
//! what it looks like. Each strategy is asked in [variations](schedule): first with the query as given, then with
//! rephrasings that the model writes, then with further draws. Variation v of strategy s has the id 8·v + s for any
//! number of hypotheses, so a run with more hypotheses includes those of a run with fewer. A [reply](reading) without a
//! readable box makes no hypothesis.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

mod perspectives;
pub mod prompt;
pub mod reading;
pub mod rephrase;
pub mod schedule;
pub mod strategy;

use rescue_plugin_sdk::planner::{Fact, Planner, Step};
use rescue_plugin_sdk::{Brief, Fault, choices, settings};

pub use perspectives::Perspectives;

choices! {
    /// The part of a reply that becomes the prompt for the executor.
    pub enum Prompted {
        /// The box: the one object in it.
        Box = "box",
        /// The target concept: all of its instances.
        Concept = "concept",
        /// Both: the instances of the target concept that overlap the box.
        Both = "both",
    }
}

settings! {
    /// How the model is asked.
    pub struct Settings {
        /// Sampling temperature. Each strategy adds an offset from -0.2 to 0.2; the sum is kept between 0.3 and 1.
        pub temperature: f64 = 0.7, 0.3..=1.0;
        /// The longest reply in tokens, including the model's thinking; 0 means the host's default.
        pub max_tokens: u32 = 1024, 0..=65_536;
        /// What the executor is asked to segment: the "box", the "concept", or "both".
        pub prompt: Prompted = Prompted::Box;
        /// Whether the model rephrases the query for the variations. If not, the variations are further draws with the
        /// query as given.
        pub rephrase: bool = true;
    }
}

impl Planner for Perspectives {
    type Settings = Settings;
    const NEEDS: &'static [&'static str] = &["chat"];
    const TRAITS: &'static [(&'static str, &'static str)] = &[("delivery", "any")];

    fn start(brief: Brief, settings: Settings) -> Result<Self, Fault> {
        Ok(Self::new(brief, settings))
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
    name: "perspectives",
    summary: "Asks a vision-language model where the thing is: eight strategies, each in eight variations.",
    planner: Perspectives,
}

#[cfg(test)]
mod tests;
