//! A made-up sample to try one plugin on, without models and without a photo.
//!
//! A [`Rehearsal`] says how large the sample is and in which order facts are told. Its [`World`] has a photo of a few shapes and
//! candidates with masks. Each candidate has a hidden quality, which decides how questions are answered and matches are judged. A
//! *play* runs one kind of plugin in it from start to end. An answer depends on what is asked and never on when, so two plays of
//! one plugin are equal unless the plugin itself behaves differently.
//!
//! What goes wrong in real runs goes wrong here too: ids are lost, merged or without a target, replies are unreadable, cut off
//! or missing, matches end without a verdict, scores are missing, and a fact of an unknown name is told. Some of these can be
//! switched off with [`Rehearsal::perfect`].

mod answers;
mod executor;
mod fact_queue;
mod json;
mod planner;
mod random;
mod scene;
mod scorer;
mod tournament;
mod usage;
mod verifier;
mod world;

use rescue_core::Size;

use crate::border::rescue::plugin::chat::Request;
use crate::error::PluginError;
use crate::trace::Traces;

pub use planner::PlannerPlay;
pub use scorer::ScorerPlay;
pub use tournament::TournamentPlay;
pub use usage::Usage;
pub use verifier::{Judged, VerifierPlay};
pub use world::World;

/// The conditions under which a plugin is tried.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// Number of hypotheses wanted. With 12 or more, ids enter, merge, are lost and have no target.
    pub count: u32,
    /// Size of the photo, in pixels.
    pub image: Size,
    /// The sentence that describes what is sought.
    pub query: String,
    /// The seed of the world, from which the plugin's own seed is derived.
    pub seed: u64,
    /// The order in which facts are told.
    pub arrival: Arrival,
    /// Whether every question is answered, every match is judged, and every candidate has a score. Otherwise some are not.
    pub perfect: bool,
    /// Fewest and most contestants of a tournament's matches.
    pub contestants: (u32, u32),
    /// In how many rounds a session may ask for something. One more ends the play with an error.
    pub rounds: usize,
    /// Collects the event logs; `None` if none are kept.
    pub traces: Option<Traces>,
}

impl Default for Rehearsal {
    /// 16 hypotheses on 96×64 pixels, the canonical order, and matches of 1 to 8 contestants.
    fn default() -> Self {
        Self {
            count: 16,
            image: Size::new(96, 64),
            query: "the red ball on the left".into(),
            seed: 0,
            arrival: Arrival::Canonical,
            perfect: false,
            contestants: (1, 8),
            rounds: 4096,
            traces: None,
        }
    }
}

/// The order in which facts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The canonical order: `entered` and `gone` in the order of ids, `closed`, `scored`, then answers in the order asked. All facts
    /// that are known are told at once.
    Canonical,
    /// An order as in a live run: in batches, drawn with this seed. `closed` still follows the last `entered` or `gone`, and `scored`
    /// follows `closed`.
    Shuffled(u64),
}

impl Rehearsal {
    /// Creates the world of this rehearsal. Fails if the photo would be too large.
    pub fn world(&self) -> Result<World, PluginError> {
        World::new(self)
    }
}

/// What a request asks, apart from its id: one text for each answer that it wants, with its body and its repeat index.
pub fn content(request: &Request) -> Vec<String> {
    // Writing the border's types as JSON cannot fail.
    let body = serde_json::to_string(&request.body).unwrap_or_default();
    (0..request.samples).map(|draw| format!("{body} repeat {}", request.repeat.saturating_add(draw))).collect()
}
