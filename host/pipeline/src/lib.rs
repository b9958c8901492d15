//! From a photo and a sentence to a mask.
//!
//! A [`Search`] takes a [`Crew`] of plugins and an [`Exchange`] of questions and answers, and computes an [`Outcome`] by the canonical pass: the planner's
//! hypotheses become masks, near duplicates are merged, the scorer scores what is left, the tournament asks for matches, the
//! verifier judges them, and the tournament ranks. This crate alone knows both plugins and services.

mod ask;
mod candidates;
mod canonical;
mod connect;
mod crew;
mod error;
mod exchange;
mod input;
mod journal;
pub mod locate;
mod matches;
mod options;
pub mod out;
pub mod photo;
mod probe;
mod progress;
mod record;
pub mod run_folder;
mod services;
mod single;
mod timings;

pub use ask::Questions;
pub use candidates::Made;
pub use canonical::{Outcome, Search};
pub use connect::{Connected, connect, recorded};
pub use crew::{Abilities, Crew, CrewError, Member, MemberRecord, NeedError};
pub use error::RunError;
pub use exchange::{Absence, AbsenceKind, Account, Accounts, Exchange, ExchangeError, Mode};
pub use input::{InputError, MAX_COUNT, MAX_MASK_BYTES, MAX_QUERY_BYTES};
pub use journal::{Journal, JournalError};
pub use options::Options;
pub use probe::{Checked, probe};
pub use progress::Progress;
pub use record::{AbsenceRecord, ChosenRecord, Counts, ImageRecord, LostRecord, PlaceRecord, Record, State};
pub use services::{ChatService, Policy, Service, Services};
pub use timings::Timings;
