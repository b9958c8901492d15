//! From an image and a sentence to a mask.
//!
//! A [`Run`] holds the plugins, the services and the ledger. [`Run::search`] takes a [`Sample`] and computes an [`Outcome`] by the
//! canonical pass: the planner proposes hypotheses, the executor turns them into masks, near duplicates are merged, the scorer scores
//! the candidates, the tournament asks for matches, the verifier judges them, and the tournament ranks the candidates. This crate alone
//! knows both plugins and services.

mod ask;
mod error;
mod exchange;
pub mod photo;
mod pictures;
pub mod plugin_files;
mod plugin_set;
pub mod run;
mod sample;
mod services;
mod whole_file;

pub use ask::Questions;
pub use error::RunError;
pub use exchange::{Absence, AbsenceKind, AbsenceRecord, Account, Accounts, Exchange, ExchangeError, Mode};
pub use plugin_files::PluginSource;
pub use plugin_set::{Capabilities, ConfiguredPlugin, MissingCapability, PluginRecord, PluginSet, PluginSetError};
pub use run::{
    EarlierAbsences, EarlierRun, EarlierSampleError, JournalError, PluginChoice, PluginChoiceError, Run, RunSpec,
    Timings,
};
pub use sample::{
    ChosenRecord, Counts, ImageRecord, InputError, LostRecord, MAX_COUNT, MAX_MASK_BYTES, MAX_QUERY_BYTES,
    MaskedCandidate, Options, Outcome, PlaceRecord, Progress, Record, Sample, State,
};
pub use services::{
    ChatService, Connected, Policy, ServerCheck, Service, ServiceName, Services, connect, probe, recorded,
};
pub use whole_file::WriteError;
