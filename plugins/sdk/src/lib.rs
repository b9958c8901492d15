//! Write a plugin for `rescue-host` in Rust: you write the algorithm, this crate does the rest.
//!
//! A plugin is a WebAssembly component. The host tells it facts (a candidate was made, a model answered) and asks what
//! to do next; the plugin returns a step (questions, hypotheses, matches, scores or a judgement). A plugin never waits
//! and never reaches the network, the disk or the clock: the host asks the models and makes the masks.
//! `wit/0.1.0/types.wit` has the rules that every plugin must keep.
//!
//! # How to write a plugin
//!
//! 1. Implement the trait of its kind:
//!    - [`Planner`] turns the query into hypotheses: boxes, points or concepts for the segmentation model.
//!    - [`Scorer`] gives each candidate (a hypothesis with its mask) a number.
//!    - [`Verifier`] judges one match: which of the candidates shown fits the query best.
//!    - [`Tournament`] decides which candidates meet in matches, and ranks all candidates.
//! 2. Describe its settings with [`settings!`], or use `()` if it has none.
//! 3. Name it with [`export!`].
//! 4. Give its `Cargo.toml` `[lib] crate-type = ["cdylib"]`, build it with
//!    `cargo build --release --target wasm32-wasip2`, and try it with `rescue-host plugin check my_plugin.wasm`.
//!
//! Helpers for the algorithm: [`Roster`] keeps the candidates, [`Requests`] keeps questions with their answers,
//! [`chat::Question`] builds a question to a vision-language model, [`Sample`] looks up pixels and masks, [`Random`]
//! draws repeatable random numbers, and [`Rect`] has the usual box geometry. Coordinates are pixels of the original
//! image.
//!
//! # Example
//!
//! This is a complete tournament. It plays no match and ranks by confidence:
//!
//! ```
//! // In a plugin, the crate begins with: #![cfg_attr(all(target_family = "wasm", not(test)), no_std)]
//! use rescue_plugin_sdk::prelude::*;
//! use rescue_plugin_sdk::tournament::{Fact, Place, Ranking, Step, Terms, Tournament};
//! use rescue_plugin_sdk::{Brief, Fault, Roster, settings};
//!
//! settings! {
//!     /// How candidates are ranked.
//!     pub struct Settings {
//!         /// The confidence of a candidate that has none.
//!         pub unknown: f64 = 0.0, 0.0..=1.0;
//!     }
//! }
//!
//! /// Ranks by confidence.
//! pub struct Confident {
//!     settings: Settings,
//!     roster: Roster,
//! }
//!
//! impl Tournament for Confident {
//!     type Settings = Settings;
//!
//!     fn start(_: Brief, _: Terms, settings: Settings) -> Result<Self, Fault> {
//!         Ok(Self { settings, roster: Roster::default() })
//!     }
//!
//!     fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
//!         match fact {
//!             Fact::Entered(candidate) => self.roster.enter(candidate),
//!             Fact::Closed(standings) => self.roster.close(standings),
//!             _ => {}
//!         }
//!         Ok(())
//!     }
//!
//!     fn next(&mut self) -> Result<Step, Fault> {
//!         Ok(Step { done: self.roster.is_closed(), ..Step::default() })
//!     }
//!
//!     fn ranking(&self) -> Result<Ranking, Fault> {
//!         let belief = |c: &rescue_plugin_sdk::Candidate| c.confidence.unwrap_or(self.settings.unknown);
//!         let mut places: Vec<Place> =
//!             self.roster.candidates().map(|c| Place { id: c.id, score: belief(c) }).collect();
//!         places.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
//!         Ok(Ranking { places, ..Ranking::default() })
//!     }
//! }
//!
//! rescue_plugin_sdk::export! {
//!     name: "confident",
//!     summary: "Ranks candidates by the planner's own confidence.",
//!     tournament: Confident,
//! }
//! # fn main() { assert_eq!(describe().offers[0].kind, "tournament"); }
//! ```
//!
//! # Without `std`
//!
//! A plugin crate is `no_std` on WebAssembly, so that its component imports nothing but the host's log and look-ups: no
//! clock, files, environment or randomness. [`prelude`] brings the usual names from `alloc`, and [`math`] the functions
//! of `f64`, which give the same bits on every machine. A plugin that needs `std`, for example for a library, leaves
//! out the `no_std` line and sets the feature `std` of this crate. Its component then also imports parts of WASI; the
//! host answers them with nothing (an empty environment, no files).

#![cfg_attr(all(target_family = "wasm", not(feature = "std"), not(test)), no_std)]
#![deny(missing_docs)]

extern crate alloc;

#[doc(hidden)]
pub mod bindings;
mod export;
mod geometry;
#[doc(hidden)]
pub mod glue;
mod host;
mod kinds;
pub mod math;
mod question;
mod random;
mod requests;
mod roster;
mod settings;

/// What a plugin can ask of a model, and the replies.
///
/// [`Question::new`](chat::Question::new), [`Part::photo`](chat::Part::photo) and
/// [`View::candidate`](chat::View::candidate) build most questions. Put the parts in this order: constant text, the
/// photo, other pictures, text that varies.
pub use bindings::shared::rescue::plugin::chat;
pub use bindings::shared::rescue::plugin::types::{
    Blame, Brief, Candidate, CandidateId, Cause, Extras, Fault, Gone, Hypothesis, Measures, Point, Prompt, Rect,
    Region, Rle, Score, Size, Standing, Verdict,
};
pub use host::{Level, Look, Raster, Sample, log};
pub use kinds::{Planner, Scorer, Tournament, Verifier, manifest, planner, scorer, tournament, verifier};
pub use random::Random;
pub use requests::{Requests, detect, short, usable};
pub use roster::Roster;
pub use settings::{Setting, Settings};

/// The names that `std` would bring into scope: import them with `use rescue_plugin_sdk::prelude::*`.
pub mod prelude {
    pub use alloc::borrow::ToOwned;
    pub use alloc::boxed::Box;
    pub use alloc::string::{String, ToString};
    pub use alloc::vec::Vec;
    pub use alloc::{format, vec};
}

/// Items that the macros of this crate expand to. Not for direct use.
#[doc(hidden)]
pub mod support {
    pub use crate::export::{offer, panicked, reallocate};
    pub use crate::settings::{Fields, property, schema};
    pub use alloc::string::String;
    pub use alloc::vec::Vec;
    pub use alloc::{format, vec};
    pub use serde_json::Value;
}

/// The version of the WIT package `rescue:plugin` that this crate is built for. [`export!`] writes it into the custom
/// section `rescue:border` of the component, so that the host can report a mismatch.
pub const BORDER: &str = "0.1.0";
