//! What a researcher may turn.

use rescue_core::Seed;

/// What a result depends on, besides the photo and the query.
#[derive(Clone, Debug)]
pub struct Options {
    /// Hypotheses wanted.
    pub count: u32,
    /// Where all randomness comes from.
    pub seed: Seed,
    /// Masks that overlap by at least this IoU count as one.
    pub merge_iou: f64,
    /// Seconds that it may take; what has no answer by then is left out, and the result says so. 0: as long as it takes.
    pub deadline: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { count: 64, seed: Seed(0), merge_iou: 0.95, deadline: 0.0 }
    }
}
