//! The event log of an instance: every call that was made of it, what it was told, what it looked up and was shown, what it
//! returned, and the fuel it took. With it a session can be retraced ([`crate::retrace`]) in a fresh instance, without the photo,
//! the models or the other plugins.
//!
//! As a file it is JSON by lines, form 1. The first line is the [`Header`]. Then one line a call, an [`Event`]; before the first
//! event that was shown some pixels stands a line with them, `{"shown": SHA-256, "base64": …}`, so that the same pixels are
//! written once. Numbers are written so that reading them gives the same number.

mod lines;
mod look;
mod record;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use lines::TraceError;
pub(crate) use look::Gallery;
pub use look::{Look, Looked, Shown, Unexpected};
pub(crate) use record::Recorder;
pub use record::Traces;

use crate::Kind;
use crate::border::exports::rescue::plugin::{planner, scorer, tournament, verifier};
use crate::border::rescue::plugin::types::Brief;

/// The form of the files that this host writes.
pub const FORM: u32 = 1;

/// The event log of one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Whose it is.
    pub header: Header,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// Whose event log this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The form of the file.
    pub trace: u32,
    /// The border's version.
    pub border: String,
    /// The kind that was at work.
    pub kind: Kind,
    /// Name and version of the plugin.
    pub plugin: String,
    /// The digest of its file.
    pub digest: rescue_core::Digest,
}

/// One call of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What was called, and what it was told.
    pub call: Call,
    /// What the plugin looked up meanwhile, in order.
    pub looked: Vec<Looked>,
    /// What came of it.
    pub came: Came,
    /// The fuel it took.
    pub fuel: u64,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Came {
    /// The plugin's answer, in the border's words; null where a call has none.
    Answer(Value),
    /// It failed: what the error said of the cause.
    Error(String),
}

/// A call of a plugin, with what it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "call", content = "told")]
#[allow(clippy::large_enum_variant, reason = "events are few, and most of them are the large ones")]
pub enum Call {
    /// The instance is made.
    #[serde(rename = "instantiation")]
    Instantiation,
    /// A planner's session begins.
    #[serde(rename = "planning.start")]
    PlanningStart(Brief),
    /// Facts for a planner.
    #[serde(rename = "planning.tell")]
    PlanningTell(Vec<planner::Fact>),
    /// A planner's step.
    #[serde(rename = "planning.next")]
    PlanningNext,
    /// A scorer's session begins.
    #[serde(rename = "scoring.start")]
    ScoringStart(Brief),
    /// Facts for a scorer.
    #[serde(rename = "scoring.tell")]
    ScoringTell(Vec<scorer::Fact>),
    /// A scorer's step.
    #[serde(rename = "scoring.next")]
    ScoringNext,
    /// A judging begins; they are numbered from 0.
    #[serde(rename = "judging.start")]
    JudgingStart(u32, Brief, verifier::Contest),
    /// Facts for a judging.
    #[serde(rename = "judging.tell")]
    JudgingTell(u32, Vec<verifier::Fact>),
    /// A judging's step.
    #[serde(rename = "judging.next")]
    JudgingNext(u32),
    /// A judging is over.
    #[serde(rename = "judging.drop")]
    JudgingDrop(u32),
    /// A tournament's session begins.
    #[serde(rename = "tourney.start")]
    TourneyStart(Brief, tournament::Terms),
    /// Facts for a tournament.
    #[serde(rename = "tourney.tell")]
    TourneyTell(Vec<tournament::Fact>),
    /// A tournament's step.
    #[serde(rename = "tourney.next")]
    TourneyNext,
    /// A tournament's ranking as things stand.
    #[serde(rename = "tourney.ranking")]
    TourneyRanking,
}

impl Call {
    /// The function that is called.
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

    /// The session that is called: judgings by their number, others have but one.
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
