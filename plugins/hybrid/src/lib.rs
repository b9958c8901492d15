//! A scorer that adds up what a vision-language model, an image-text model and the other candidates say of a candidate.
//!
//! It is the hybrid score of the RESCue system, 50 parts the model's rating, 35 parts similarity, 15 parts agreement, on a scale of
//! 0 to 100. The model is [asked](prompt) of each candidate by itself; [parts] says what each part is, and what becomes of the score
//! where one is missing: nothing stands in for it.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

mod hybrid;
pub mod parts;
pub mod prompt;

use rescue_plugin_sdk::scorer::{Fact, Scorer, Step};
use rescue_plugin_sdk::{Brief, Fault, settings};

pub use hybrid::Hybrid;

settings! {
    /// What counts how much. Only the proportions of weights matter; weight 0 leaves a part out.
    pub struct Settings {
        /// Weight of the model's view of the candidate, which has four parts of its own below.
        pub vlm: f64 = 50.0, 0.0..=1000.0;
        /// Weight of the image-text similarity, from 0 for the least similar candidate to 100 for the most similar.
        pub clip: f64 = 35.0, 0.0..=1000.0;
        /// Weight of the agreement with the other candidates.
        pub consistency: f64 = 15.0, 0.0..=1000.0;
        /// Whether the model is asked at all. If not, its rating and the four semantic scores are left out.
        pub rated: bool = true;
        /// Within the model's view: weight of its rating, 100, 75, 50, 25 or 0.
        pub rating: f64 = 1.0, 0.0..=1000.0;
        /// Within it: weight of the executor's predicted IoU.
        pub predicted_iou: f64 = 0.0, 0.0..=1000.0;
        /// Within it: weight of the likelihood of its size, 50 + (.3 - |c - .3|) * 100 for a share c of the image.
        pub geometry: f64 = 0.0, 0.0..=1000.0;
        /// Within it: weight of the mean of four scores that the model gives in a second question: object, attributes, position and
        /// completeness.
        pub semantic: f64 = 0.0, 0.0..=1000.0;
        /// Sampling temperature.
        pub temperature: f64 = 0.0, 0.0..=2.0;
        /// The longest reply in tokens, thinking included; 0: the host's default. A model that thinks needs more than 256.
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
