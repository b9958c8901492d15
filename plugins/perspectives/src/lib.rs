//! A planner that asks a vision-language model where the thing is, from eight perspectives.
//!
//! Eight [strategies](strategy) each look at something else: where it stands, what it is for, what it looks like. Each is asked in
//! [variations](schedule): first with the query as it is, then with rephrasings that the model makes, then with further draws.
//! Variation v of strategy s has the id 8·v + s, whatever the number wanted: the first ids are the eight strategies on the query as
//! given, and more hypotheses only add to fewer. A [reply](reading) without a readable box makes no hypothesis.
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
    /// What of a reply the executor is asked to segment.
    pub enum Prompted {
        /// What is in the box: this one object.
        Box = "box",
        /// All instances of the target concept.
        Concept = "concept",
        /// The instances of the target concept that meet the box.
        Both = "both",
    }
}

settings! {
    /// How the model is asked.
    pub struct Settings {
        /// Sampling temperature; strategies add -0.2 to 0.2 to it, and stay from 0.3 to 1.
        pub temperature: f64 = 0.7, 0.3..=1.0;
        /// The longest reply in tokens, thinking included; 0: the host's default.
        pub max_tokens: u32 = 1024, 0..=65_536;
        /// What the executor is asked to segment: the "box", the "concept", or "both".
        pub prompt: Prompted = Prompted::Box;
        /// Whether the model rephrases the query for the variations; else they are further draws on the query as given.
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
    summary: "Requests a vision-language model where the thing is: eight strategies, each in eight variations.",
    planner: Perspectives,
}

#[cfg(test)]
mod tests;
