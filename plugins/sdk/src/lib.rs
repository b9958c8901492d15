//! What a plugin of `rescue-host` needs besides its algorithm.
//!
//! A plugin is a WebAssembly component that is told facts and returns plans (see the rules in `wit/0.1.0/types.wit`). It
//! implements the trait of its kind, [`Planner`], [`Scorer`], [`Verifier`] or [`Tournament`], and names itself in [`export!`].
//! The rest is done here: resources and memory, the manifest, reading of settings, the section that names the border's
//! version, steps no longer than the host's `room`, and a message to the host's log when the plugin panics.
//!
//! This is a complete tournament. It meets nobody and ranks by confidence:
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
//!         /// What a candidate without a confidence counts as.
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
//! **No `std`.** A component built here imports nothing but the border: no clock, no files, no environment, no randomness.
//! That is why a plugin crate is `no_std` on WebAssembly. [`prelude`] brings what is missed most, [`math`] the functions of
//! `f64`, which give the same bits everywhere. A plugin that needs `std`, perhaps for a library, leaves that line out and sets
//! the feature `std` of this crate; its component then also imports what `std` wants of WASI, which a host answers with
//! nothing.

#![cfg_attr(all(target_family = "wasm", not(feature = "std"), not(test)), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod ask;
#[doc(hidden)]
pub mod bindings;
mod dice;
mod export;
mod geometry;
#[doc(hidden)]
pub mod glue;
mod host;
mod kinds;
pub mod math;
mod question;
mod roster;
mod settings;

pub use ask::{Asks, detect, short, usable};
/// What a plugin may ask of a model, and what comes back.
///
/// [`Question::new`](chat::Question::new), [`Part::photo`](chat::Part::photo) and [`View::candidate`](chat::View::candidate) say
/// most questions in a few words: constant text, the photo, other pictures, what varies.
pub use bindings::shared::rescue::plugin::chat;
pub use bindings::shared::rescue::plugin::types::{
    Blame, Brief, Candidate, CandidateId, Cause, Extras, Fault, Gone, Hypothesis, Measures, Point, Prompt, Rect,
    Region, Rle, Score, Size, Standing, Verdict,
};
pub use dice::Dice;
pub use host::{Level, Look, Raster, Sample, log};
pub use kinds::{Planner, Scorer, Tournament, Verifier, manifest, planner, scorer, tournament, verifier};
pub use roster::Roster;
pub use settings::{Setting, Settings};

/// What `std` would bring into scope, and is missed without it.
pub mod prelude {
    pub use alloc::borrow::ToOwned;
    pub use alloc::boxed::Box;
    pub use alloc::string::{String, ToString};
    pub use alloc::vec::Vec;
    pub use alloc::{format, vec};
}

/// What the macros name. Not for direct use.
#[doc(hidden)]
pub mod support {
    pub use crate::export::{offer, panicked, reallocate};
    pub use crate::settings::{Fields, property, schema};
    pub use alloc::string::String;
    pub use alloc::vec::Vec;
    pub use alloc::{format, vec};
    pub use serde_json::Value;
}

/// The version of the border that this crate binds, as it stands in the section `rescue:border` of a component.
pub const BORDER: &str = "0.1.0";
