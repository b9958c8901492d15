//! A scorer that adds up a vision-language model's rating, image-text similarity and agreement with the other
//! candidates.
//!
//! It is the hybrid score of the RESCue system on a scale of 0 to 100: 50 parts rating, 35 parts similarity, 15 parts
//! agreement. The model is [asked](prompt) about each candidate separately. [parts] defines the parts. A part that is
//! missing is left out and not replaced by a default.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

mod hybrid;
pub mod parts;
pub mod prompt;

use rescue_plugin_sdk::scorer::{Fact, Scorer, Step};
use rescue_plugin_sdk::{Brief, Fault, settings};

pub use hybrid::Hybrid;

settings! {
    /// The weights of the parts. Only their proportions matter; weight 0 leaves a part out.
    pub struct Settings {
        /// Weight of the model's part, which is itself a weighted mean: see rating, predicted_iou, geometry and
        /// semantic.
        pub vlm: f64 = 50.0, 0.0..=1000.0;
        /// Weight of the image-text similarity, scaled from 0 for the least similar candidate to 100 for the most
        /// similar.
        pub clip: f64 = 35.0, 0.0..=1000.0;
        /// Weight of the agreement: the mean IoU with the other candidates.
        pub consistency: f64 = 15.0, 0.0..=1000.0;
        /// Whether the model is asked. If not, its rating and the semantic scores are left out.
        pub rated: bool = true;
        /// Within the model's part: weight of its rating, which is 100, 75, 50, 25 or 0.
        pub rating: f64 = 1.0, 0.0..=1000.0;
        /// Within the model's part: weight of the executor's predicted IoU.
        pub predicted_iou: f64 = 0.0, 0.0..=1000.0;
        /// Within the model's part: weight of the size, 50 + (0.3 - |c - 0.3|) * 100 for a candidate that covers the
        /// share c of the image.
        pub geometry: f64 = 0.0, 0.0..=1000.0;
        /// Within the model's part: weight of the mean of four scores (object, attributes, position, completeness), for
        /// which the model is asked a second question.
        pub semantic: f64 = 0.0, 0.0..=1000.0;
        /// Sampling temperature.
        pub temperature: f64 = 0.0, 0.0..=2.0;
        /// The longest reply in tokens, including the model's thinking; 0 means the host's default. A model that thinks
        /// needs more than 256.
        pub max_tokens: u32 = 256, 0..=65_536;
    }
}

impl Scorer for Hybrid {
    type Settings = Settings;
    const NEEDS: &'static [&'static str] = &["chat"];
    const TRAITS: &'static [(&'static str, &'static str)] = &[("delivery", "any")];

    fn start(brief: Brief, settings: Settings) -> Result<Self, Fault> {
        if settings.vlm + settings.clip + settings.consistency <= 0.0 {
            return Err(Fault::settings("vlm, clip and consistency are all 0, so nothing counts; raise one of them"));
        }
        Ok(Self::new(brief, settings))
    }

    fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
        match fact {
            Fact::Entered(candidate) => self.roster.enter(candidate),
            Fact::Closed(standings) => self.roster.close(standings),
            Fact::Answered(answer) => self.requests.answered(answer),
            Fact::Gone(_) | Fact::Noted(_) => {}
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        Ok(self.step())
    }
}

rescue_plugin_sdk::export! {
    name: "hybrid",
    summary: "Scores by a vision-language model's rating, image-text similarity and agreement with the other candidates.",
    scorer: Hybrid,
}

#[cfg(test)]
mod tests;
