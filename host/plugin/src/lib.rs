//! Runs plugins: sandboxed WebAssembly components that plan, score, judge and rank.
//!
//! A [`Runtime`] loads a [`Plugin`] from a file. Each kind of plugin has a session type: [`Planning`], [`Scoring`], [`Tourney`],
//! and [`Verifier`] with one [`Judging`] per match. A session works on one [`Sample`] in a WebAssembly instance of its own. The
//! host tells it facts and asks it for plans. Every answer is checked against the rules of the border before the host sees it. If
//! a plugin breaks a rule, exceeds a limit or crashes, the call returns a [`PluginError`].
//!
//! The contract itself is in `wit/`; its types are in [`border`]. This crate knows nothing of models and services.

pub mod border;
mod cache;
pub mod check;
mod compiling;
mod engine;
mod epoch;
mod error;
mod inspect;
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
mod session;
mod settings;
mod state;
mod tournament;
pub mod trace;
mod verifier;
pub mod version;
mod wasi;

pub use cache::{MAX_CACHE_BYTES, clear as clear_compiled, compiled};
pub use compiling::{Compiling, OnCompile};
pub use engine::Runtime;
pub use error::{Cause, Failure, PluginError, printable};
pub use kind::Kind;
pub use limits::Limits;
pub use measure::{Measured, measure};
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
