//! A made-up world in which one plugin can be tried: no host, no models, no photo of one's own.
//!
//! A [`Rehearsal`] says how large the world is and in which order a plugin is told of it. It draws a photo of a few shapes, makes
//! candidates with masks, gives each a hidden quality, and answers questions and judges matches by that. What happens depends on
//! the rehearsal alone: an answer on what is asked, never on when. So two plays of one plugin are equal, and where they are not,
//! it is the plugin that differs.
//!
//! What goes wrong in real runs goes wrong here too: ids are lost, merged or without a target, replies are unreadable, cut off
//! or missing, matches end without a verdict, scores are left out, and a fact comes that nobody knows. See
//! [`Rehearsal::perfect`].

mod answers;
mod arrival;
mod dice;
mod executor;
mod json;
mod planner;
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

/// How a plugin is tried.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// Hypotheses wanted. From 12 on, every fate that an id can have is met.
    pub count: u32,
    /// Size of the photo, in pixels.
    pub image: Size,
    /// What is sought.
    pub query: String,
    /// Where the world and the plugin's own seed come from.
    pub seed: u64,
    /// In which order facts are told.
    pub arrival: Arrival,
    /// Every question is answered and every match is judged. Otherwise some are not.
    pub perfect: bool,
    /// Fewest and most contestants of a tournament's matches.
    pub contestants: (u32, u32),
    /// How often a session may ask for something. One that asks again ends with an error.
    pub rounds: usize,
    /// Where the event logs are kept, if anywhere.
    pub traces: Option<Traces>,
}

impl Default for Rehearsal {
    /// 16 candidates on 96×64 pixels, told canonically; matches of 1 to 8.
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

/// In which order facts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// In the order that counts: fates in the order of ids, `closed`, `scored`, then answers in the order asked; all that is there at
    /// once.
    Canonical,
    /// As they may come when time has its way: in batches, in an order drawn from this seed. `closed` still follows the last fate,
    /// and `scored` follows `closed`.
    Shuffled(u64),
}

impl Rehearsal {
    /// The world that this rehearsal is about. Fails where the photo would be too large.
    pub fn world(&self) -> Result<World, PluginError> {
        World::new(self)
    }
}

/// What a request asks, whatever its id: for each answer that it wants, what it asks and the repeat.
pub fn content(request: &Request) -> Vec<String> {
    // The border's types always have a JSON form.
    let body = serde_json::to_string(&request.body).unwrap_or_default();
    (0..request.samples).map(|draw| format!("{body} repeat {}", request.repeat.saturating_add(draw))).collect()
}
