//! From an image and a sentence to a mask.
//!
//! A [`Run`] holds the plugins, the services and the ledger. [`Run::search`] takes a [`Sample`] and computes an [`Outcome`] by the
//! canonical pass: the planner proposes hypotheses, the executor turns them into masks, near duplicates are merged, the scorer scores
//! the candidates, the tournament asks for matches, the verifier judges them, and the tournament ranks the candidates. This crate alone
//! knows both plugins and services.

mod ask;
mod error;
mod exchange;
mod input;
pub mod photo;
mod pictures;
pub mod plugins;
mod progress;
pub mod run;
mod sample;
mod services;
mod whole_file;

pub use ask::{Cost, Questions, Readings, UnreadableReply};
pub use error::RunError;
pub use exchange::{Absence, AbsenceKind, AbsenceRecord, Account, Accounts, Exchange, ExchangeError, Load, Tokens};
pub use input::{InputError, MAX_COUNT, MAX_MASK_BYTES, MAX_QUERY_BYTES};
pub use plugins::{NamedPlugin, PluginChoice, PluginChoiceError, PluginFile, PluginRecord, PluginSet, StrategySpec};
pub use progress::Progress;
pub use run::{
    EarlierRun, EarlierSampleError, Entry, Event, Expectation, Forecast, INDEX_FORM, ListedSample, ResultLine, Run,
    RunSpec, SampleList, SampleListError, SampleState, StillCounts, Stop, Tally,
};
pub use sample::{
    Ask, Choice, Chosen, ChosenRecord, Counts, Expected, Further, ImageRecord, LivePass, LostRecord, MatchCounts,
    MatchEnding, Options, Outcome, PlaceRecord, PlayedMatch, RESULT_FORM, Record, RestsOn, RunTimings, Sample, State,
    Timings, Unmade,
};
pub use services::{
    ChatService, Connected, Policy, ServerCheck, Service, ServiceName, Services, connect, probe, recorded,
};
pub use whole_file::{WriteError, replace, replace_by, replace_json};
