//! A verifier that judges from measured features and asks no model.
//!
//! It parses the query with `rescue-phrase` and measures what the query names (see [`feature`]): the colour of the
//! mask, its place, its size among the contestants, the number of objects. The verdict is a weighted product of these
//! features and of the scores of executor, detector and planner (see [`judge`]).
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod feature;
pub mod judge;

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::verifier::{Contest, Fact, Judgement, Step, Verifier};
use rescue_plugin_sdk::{Brief, Fault, Sample, settings};

/// The most contestants of a match.
const MAX_CONTESTANTS: usize = 8;

settings! {
    /// The weights of the features. Each feature has a value from 0 to 1, and its factor is value to the power of
    /// weight; weight 0 leaves it out.
    pub struct Settings {
        /// Weight of the colour: the share of the mask that has the colour in the query.
        pub colour: f64 = 3.0, 0.0..=20.0;
        /// Weight of the place: how far the mask is where the query says (left, right, top, bottom, middle, front,
        /// back).
        pub place: f64 = 2.0, 0.0..=20.0;
        /// Weight of the size: how large or small, as the query says, the mask is among the candidates shown.
        pub size: f64 = 1.0, 0.0..=20.0;
        /// Weight of the number: whether the candidate has as many objects as the query says.
        pub number: f64 = 2.0, 0.0..=20.0;
        /// Weight of the planner's confidence, which includes its ranks and relations.
        pub confidence: f64 = 1.0, 0.0..=20.0;
        /// Weight of the detector's score (the candidate's note "detection").
        pub detection: f64 = 0.5, 0.0..=20.0;
        /// Weight of the executor's predicted IoU.
        pub quality: f64 = 1.0, 0.0..=20.0;
        /// Weight of the bounds: the IoU of the mask's bounds with the detected box (the candidate's note "box").
        pub bounds: f64 = 2.0, 0.0..=20.0;
        /// Weight of the plausibility: few parts, a filled box, neither a speck nor the whole photo.
        pub plausibility: f64 = 0.5, 0.0..=20.0;
        /// Softmax temperature of the shares: the logarithms of the products are divided by this. Higher values give
        /// more equal shares.
        pub temperature: f64 = 0.5, 0.01..=100.0;
        /// The weighted geometric mean of the features at which a candidate fits with probability 0.5.
        pub even: f64 = 0.35, 0.0..=1.0;
        /// How fast that probability rises with the mean.
        pub slope: f64 = 12.0, 0.0..=1000.0;
    }
}

/// One match.
#[derive(Debug)]
pub struct Attributes {
    brief: Brief,
    contest: Contest,
    settings: Settings,
}

impl Verifier for Attributes {
    type Settings = Settings;
    const NEEDS: &'static [&'static str] = &["pixels"];
    const TRAITS: &'static [(&'static str, &'static str)] = &[("contestants", "1..8")];

    fn start(brief: Brief, contest: Contest, settings: Settings) -> Result<Self, Fault> {
        match contest.contestants.len() {
            1..=MAX_CONTESTANTS => Ok(Self { brief, contest, settings }),
            n => Err(Fault::unsupported(format!(
                "{n} contestants were shown; this verifier takes 1 to {MAX_CONTESTANTS}"
            ))),
        }
    }

    fn tell(&mut self, _: Fact) -> Result<(), Fault> {
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        let features = feature::measure(&self.brief, &self.contest.contestants, &Sample);
        let judgement = match features {
            Ok(features) => judge::judge(&features, &self.settings),
            Err(reason) => Judgement::Abstained(reason),
        };
        Ok(Step { judgement: Some(judgement), ..Step::default() })
    }
}

rescue_plugin_sdk::export! {
    name: "attributes",
    summary: "Judges from colour, place, size and the beliefs of executor, detector and planner; asks no model.",
    verifier: Attributes,
}

#[cfg(test)]
mod tests;
