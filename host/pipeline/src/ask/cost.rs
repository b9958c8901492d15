//! What the questions of a search have cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::Tokens;

/// Different questions put to each service, whether or not their answers were known: what a strategy costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Questions {
    /// Questions in words to the planner's model.
    pub plan: u32,
    /// Phrases for the detector.
    pub detect: u32,
    /// Prompts for the executor.
    pub segment: u32,
    /// Cut-outs for the image-text model.
    pub clip: u32,
    /// Questions in words to the verifier's model.
    pub verify: u32,
}

impl Questions {
    /// The number of all questions.
    pub fn total(&self) -> u32 {
        let Self { plan, detect, segment, clip, verify } = self;
        [plan, detect, segment, clip, verify].into_iter().fold(0, |sum: u32, count| sum.saturating_add(*count))
    }
}

/// What a choice among candidates has cost: the questions of its scorer and its verifier to the verifier's model. Questions that other choices
/// of the same sample ask as well count for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Cost {
    /// The different questions, whether or not their answers were known.
    pub questions: u32,
    /// The masks in their pictures: one that is in two questions counts twice.
    pub masks_shown: u32,
    /// The tokens of the questions and of their answers.
    #[serde(flatten)]
    pub tokens: Tokens,
}
