//! The event log of an instance: every call of a guest function with its arguments, look-ups, result and fuel. With an event log,
//! the sessions can be retraced ([`crate::retrace`]) in a fresh instance, without the photo, the models or the
//! other plugins.
//!
//! The file format is JSON Lines, form 1. The first line is the [`Header`]. Each further line is an [`Event`], or holds pixels:
//! `{"shown": SHA-256, "base64": …}`. Pixels are written once, before the first event that was shown them; events refer to them by
//! digest. Numbers are written such that reading them gives exactly the same number.

mod lines;
mod look;
mod record;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use lines::TraceError;
pub(crate) use look::Replay;
pub use look::{Look, Looked, Shown, Unexpected};
pub(crate) use record::Recorder;
pub use record::Traces;

use crate::Kind;
use crate::border::exports::rescue::plugin::{planner, scorer, tournament, verifier};
use crate::border::rescue::plugin::types::Brief;

/// The version of the file format that this host reads and writes.
pub const FORM: u32 = 1;

/// The event log of one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The plugin and the kind.
    pub header: Header,
    /// The calls, in order.
    pub events: Vec<Event>,
}

/// The plugin and the kind whose event log this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the file format: [`FORM`].
    pub trace: u32,
    /// The version of the border, such as "0.1.0".
    pub border: String,
    /// The kind of the sessions.
    pub kind: Kind,
    /// Name and version of the plugin.
    pub plugin: String,
    /// The digest of the plugin's file.
    pub digest: rescue_core::Digest,
}

/// One call of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The function that was called, and its arguments.
    pub call: Call,
    /// What the plugin looked up during the call, in order.
    pub looked: Vec<Looked>,
    /// What the call returned.
    pub returned: Returned,
    /// The fuel that the call used, in wasmtime's units.
    pub fuel: u64,
}

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Returned {
    /// The plugin's answer as JSON; `null` if the function returns nothing.
    Answer(Value),
    /// The call failed: the text of its [`Cause`](crate::Cause).
    Error(String),
}

/// A call of a guest function, with its arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "call", content = "told")]
#[allow(clippy::large_enum_variant, reason = "events are few, and most of them are the large ones")]
pub enum Call {
    /// The instance is created.
    #[serde(rename = "instantiation")]
    Instantiation,
    /// A planner's session starts.
    #[serde(rename = "planning.start")]
    PlanningStart(Brief),
    /// A planner is told facts.
    #[serde(rename = "planning.tell")]
    PlanningTell(Vec<planner::Fact>),
    /// A planner is asked for a step.
    #[serde(rename = "planning.next")]
    PlanningNext,
    /// A scorer's session starts.
    #[serde(rename = "scoring.start")]
    ScoringStart(Brief),
    /// A scorer is told facts.
    #[serde(rename = "scoring.tell")]
    ScoringTell(Vec<scorer::Fact>),
    /// A scorer is asked for a step.
    #[serde(rename = "scoring.next")]
    ScoringNext,
    /// A verifier's session for one match starts. Sessions are numbered from 0.
    #[serde(rename = "judging.start")]
    JudgingStart(u32, Brief, verifier::Contest),
    /// The session with this number is told facts.
    #[serde(rename = "judging.tell")]
    JudgingTell(u32, Vec<verifier::Fact>),
    /// The session with this number is asked for a step.
    #[serde(rename = "judging.next")]
    JudgingNext(u32),
    /// The session with this number is ended.
    #[serde(rename = "judging.drop")]
    JudgingDrop(u32),
    /// A tournament's session starts.
    #[serde(rename = "tourney.start")]
    TourneyStart(Brief, tournament::Terms),
    /// A tournament is told facts.
    #[serde(rename = "tourney.tell")]
    TourneyTell(Vec<tournament::Fact>),
    /// A tournament is asked for a step.
    #[serde(rename = "tourney.next")]
    TourneyNext,
    /// A tournament is asked for its ranking.
    #[serde(rename = "tourney.ranking")]
    TourneyRanking,
}

impl Call {
    /// The name of the function that is called, such as "planning.next".
    pub const fn function(&self) -> &'static str {
        match self {
            Self::Instantiation => "instantiation",
            Self::PlanningStart(_) => "planning.start",
            Self::PlanningTell(_) => "planning.tell",
            Self::PlanningNext => "planning.next",
            Self::ScoringStart(_) => "scoring.start",
            Self::ScoringTell(_) => "scoring.tell",
            Self::ScoringNext => "scoring.next",
            Self::JudgingStart(..) => "judging.start",
            Self::JudgingTell(..) => "judging.tell",
            Self::JudgingNext(_) => "judging.next",
            Self::JudgingDrop(_) => "judging.drop",
            Self::TourneyStart(..) => "tourney.start",
            Self::TourneyTell(_) => "tourney.tell",
            Self::TourneyNext => "tourney.next",
            Self::TourneyRanking => "tourney.ranking",
        }
    }

    /// The number of the session that is called. It is 0 for kinds that have one session per instance.
    pub(crate) const fn session(&self) -> u32 {
        match self {
            Self::JudgingStart(number, ..)
            | Self::JudgingTell(number, _)
            | Self::JudgingNext(number)
            | Self::JudgingDrop(number) => *number,
            _ => 0,
        }
    }
}
