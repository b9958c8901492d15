//! Runs plugins: sandboxed WebAssembly components that plan, score, judge and rank.
//!
//! A [`Runtime`] loads a [`Plugin`] from a file. A session of one of its kinds ([`Planning`], [`Scoring`], [`Verifier`] with its
//! [`Judging`]s, [`Tourney`]) runs on one [`Sample`] in an instance of its own. It is told facts and gives plans; what it answers
//! has been checked against the rules of the border before anyone sees it. A plugin that breaks a rule, a limit or itself ends
//! with a [`PluginError`].
//!
//! The contract itself is in `wit/`; its types are in [`border`]. This crate knows nothing of models and services.

pub mod border;
mod cache;
pub mod check;
mod engine;
mod epoch;
mod error;
mod instance;
mod kind;
mod limits;
mod loaded;
mod lookup;
mod measure;
mod planner;
mod plugin;
pub mod rehearsal;
mod retrace;
pub mod rules;
mod sample;
mod scorer;
mod settings;
mod state;
mod survey;
mod tournament;
pub mod trace;
mod verifier;
pub mod version;
mod wasi;

pub use engine::Runtime;
pub use error::{Cause, Failure, PluginError, printable};
pub use kind::Kind;
pub use limits::Limits;
pub use measure::measure;
pub use planner::{Planning, PlanningPlan};
pub use plugin::{Offer, Plugin};
pub use retrace::{Difference, Divergence, Retraced, retrace};
pub use rules::Violation;
pub use sample::Sample;
pub use scorer::{Scoring, ScoringPlan};
pub use settings::{Schema, Setting};
pub use state::LogLine;
pub use tournament::{Tourney, TourneyPlan};
pub use verifier::{Judging, JudgingPlan, Verifier};
