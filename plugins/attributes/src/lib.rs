//! A verifier that judges from measured features alone: no model is asked.
//!
//! It reads the query with `rescue-phrase` and measures what that names (see [`feature`]): the colour in the mask, the place,
//! the size among those shown, the number of objects. With what the executor, the detector and the planner believed, that makes a weighted product
//! (see [`judge`]).
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod feature;
pub mod judge;

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::verifier::{Contest, Fact, Judgement, Step, Verifier};
use rescue_plugin_sdk::{Brief, Fault, Sample, settings};

/// Most contestants.
const MOST: usize = 8;

settings! {
    /// What counts how much. A feature's factor is its value, 0 to 1, to the power of its weight; weight 0 leaves it out.
    pub struct Settings {
        /// Weight of the share of the mask that has a colour which the query names.
        pub colour: f64 = 3.0, 0.0..=20.0;
        /// Weight of being where the query says: left, right, top, bottom, middle, front, back.
        pub place: f64 = 2.0, 0.0..=20.0;
        /// Weight of being as large or small among those shown as the query says.
        pub size: f64 = 1.0, 0.0..=20.0;
        /// Weight of being of as many objects as the query says.
        pub number: f64 = 2.0, 0.0..=20.0;
        /// Weight of the planner's confidence, which holds its ranks and relations.
        pub confidence: f64 = 1.0, 0.0..=20.0;
        /// Weight of the detector's score (the candidate's note "detection").
        pub detection: f64 = 0.5, 0.0..=20.0;
        /// Weight of the predicted IoU.
        pub quality: f64 = 1.0, 0.0..=20.0;
        /// Weight of being as large as what was detected: the IoU of the mask's bounds with the candidate's note "box".
        pub bounds: f64 = 2.0, 0.0..=20.0;
        /// Weight of looking like one thing: few parts, a filled box, neither a speck nor the whole photo.
        pub plausibility: f64 = 0.5, 0.0..=20.0;
        /// How close shares are: the logarithms of the products are divided by this.
        pub temperature: f64 = 0.5, 0.01..=100.0;
        /// The weighted mean of features at which a candidate is as likely as not to be right.
        pub even: f64 = 0.35, 0.0..=1.0;
        /// How fast that chance rises with the mean.
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
            1..=MOST => Ok(Self { brief, contest, settings }),
            n => Err(Fault::unsupported(format!("{n} contestants were shown; this verifier takes 1 to {MOST}"))),
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
