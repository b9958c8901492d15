//! From a photo and a sentence to a mask.
//!
//! A [`Search`] takes a [`Crew`] of plugins and [`Services`], and computes an [`Outcome`] by the canonical pass: the planner's
//! hypotheses become masks, near duplicates are merged, the scorer scores what is left, the tournament asks for matches, the
//! verifier judges them, and the tournament ranks. This crate alone knows both plugins and services.

mod ask;
mod candidates;
mod canonical;
mod crew;
mod error;
mod input;
pub mod locate;
mod matches;
mod options;
pub mod out;
pub mod photo;
mod progress;
mod record;
mod timings;

pub use ask::{Questions, Services};
pub use candidates::Made;
pub use canonical::{Outcome, Search};
pub use crew::{Crew, CrewError, Member, MemberRecord, NeedError};
pub use error::RunError;
pub use input::{InputError, MAX_COUNT, MAX_MASK_BYTES, MAX_QUERY_BYTES};
pub use options::Options;
pub use progress::Progress;
pub use record::{ChosenRecord, Counts, ImageRecord, LostRecord, ModelRecord, PlaceRecord, Record};
pub use timings::Timings;
