//! The four kinds of plugin: a trait for each, and a module with its types.

use crate::{Brief, Fault, Settings};
use alloc::string::String;

/// Types of a planner: its facts, steps and proposals.
pub mod planner {
    pub use crate::bindings::planner::exports::rescue::plugin::planner::{Blank, Fact, Proposal, Step};
    pub use crate::kinds::Planner;
}

/// Types of a scorer: its facts and steps.
pub mod scorer {
    pub use crate::bindings::scorer::exports::rescue::plugin::scorer::{Fact, Step};
    pub use crate::kinds::Scorer;
}

/// Types of a verifier: its match, facts, steps and judgement.
pub mod verifier {
    pub use crate::bindings::verifier::exports::rescue::plugin::verifier::{Contest, Fact, Judgement, Step};
    pub use crate::kinds::Verifier;
}

/// Types of a tournament: its facts, steps, matches and ranking.
pub mod tournament {
    pub use crate::bindings::tournament::exports::rescue::plugin::tournament::{
        Ending, Fact, Lineup, Match, Outcome, Place, Ranking, Step, Terms,
    };
    pub use crate::kinds::Tournament;
}

/// Types of the manifest.
pub mod manifest {
    pub use crate::bindings::manifest::exports::rescue::plugin::manifest::{About, Offer};
}

/// Turns the query into hypotheses.
///
/// A session goes `start`, then `next` and `tell` in turn until a step ends it; then neither is called again. A step
/// may hold any number of questions and hypotheses: the SDK hands it to the host in pieces of at most `brief.room`
/// entries.
pub trait Planner: Sized + 'static {
    /// The settings, made with [`settings!`](crate::settings!); `()` for none.
    type Settings: Settings;
    /// What the plugin needs of the host, such as "chat", "detect" or "pixels". The host checks it before a run.
    const NEEDS: &'static [&'static str] = &[];
    /// What the plugin promises, as names and values, such as ("delivery", "any"): its plan depends on the set of
    /// facts only, not on the order in which they arrive (`rescue-host plugin check` tests that).
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session. Fails if the plugin cannot work with these arguments.
    fn start(brief: Brief, settings: Self::Settings) -> Result<Self, Fault>;
    /// Takes in one fact. Facts may come in any order; ignore those that you do not need.
    fn tell(&mut self, fact: planner::Fact) -> Result<(), Fault>;
    /// Returns what to do next; an empty step waits for more facts. A step with `done` ends the session.
    fn next(&mut self) -> Result<planner::Step, Fault>;
}

/// Gives each candidate a number; higher is better. The session runs as that of a [`Planner`].
pub trait Scorer: Sized + 'static {
    /// The settings, made with [`settings!`](crate::settings!); `()` for none.
    type Settings: Settings;
    /// What the plugin needs of the host, such as "chat", "detect" or "pixels". The host checks it before a run.
    const NEEDS: &'static [&'static str] = &[];
    /// What the plugin promises, as names and values, such as ("delivery", "any"): its plan depends on the set of
    /// facts only, not on the order in which they arrive (`rescue-host plugin check` tests that).
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session. Fails if the plugin cannot work with these arguments.
    fn start(brief: Brief, settings: Self::Settings) -> Result<Self, Fault>;
    /// Takes in one fact. Facts may come in any order; ignore those that you do not need.
    fn tell(&mut self, fact: scorer::Fact) -> Result<(), Fault>;
    /// Returns what to do next; an empty step waits for more facts. A step with `scores`, once [`scorer::Fact::Closed`]
    /// was told, ends the session.
    fn next(&mut self) -> Result<scorer::Step, Fault>;
}

/// Judges one match. The session runs as that of a [`Planner`]; the host may run many sessions in one instance.
pub trait Verifier: Sized + 'static {
    /// The settings, made with [`settings!`](crate::settings!); `()` for none.
    type Settings: Settings;
    /// What the plugin needs of the host, such as "chat", "detect" or "pixels". The host checks it before a run.
    const NEEDS: &'static [&'static str] = &[];
    /// What the plugin promises, as names and values: "contestants" with "2" or "1..4" is how many candidates a match
    /// may show.
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session. Fails if the plugin cannot work with these arguments.
    fn start(brief: Brief, contest: verifier::Contest, settings: Self::Settings) -> Result<Self, Fault>;
    /// Takes in one fact. Facts may come in any order; ignore those that you do not need.
    fn tell(&mut self, fact: verifier::Fact) -> Result<(), Fault>;
    /// Returns what to do next; an empty step waits for more facts. A step with a `judgement` ends the session.
    fn next(&mut self) -> Result<verifier::Step, Fault>;
}

/// Decides which candidates meet in matches, and ranks all of them. The session runs as that of a [`Planner`].
pub trait Tournament: Sized + 'static {
    /// The settings, made with [`settings!`](crate::settings!); `()` for none.
    type Settings: Settings;
    /// What the plugin needs of the host, such as "chat", "detect" or "pixels". The host checks it before a run.
    const NEEDS: &'static [&'static str] = &[];
    /// What the plugin promises, as names and values, such as ("delivery", "any"): its plan depends on the set of
    /// facts only, not on the order in which they arrive (`rescue-host plugin check` tests that).
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session. Fails if the plugin cannot work with these arguments.
    fn start(brief: Brief, terms: tournament::Terms, settings: Self::Settings) -> Result<Self, Fault>;
    /// Takes in one fact. Facts may come in any order; ignore those that you do not need.
    fn tell(&mut self, fact: tournament::Fact) -> Result<(), Fault>;
    /// Returns what to do next; an empty step waits for more facts. A step with `done` ends the session.
    fn next(&mut self) -> Result<tournament::Step, Fault>;
    /// The ranking of all candidates that have entered, best first. The host may ask for it at any time.
    fn ranking(&self) -> Result<tournament::Ranking, Fault>;
}

impl Fault {
    /// A fault because the settings contradict each other. The message says what to change.
    pub fn settings(message: impl Into<String>) -> Self {
        Self { blame: crate::Blame::Settings, message: message.into() }
    }

    /// A fault because the plugin is asked for something that it does not do. The message says what it can do.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { blame: crate::Blame::Unsupported, message: message.into() }
    }

    /// A fault because of a mistake in the plugin.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { blame: crate::Blame::Internal, message: message.into() }
    }
}

/// Implements `Default` for a generated record: all fields empty.
macro_rules! empty {
    ($type:ty { $($field:ident),+ }) => {
        impl Default for $type {
            fn default() -> Self {
                Self { $($field: Default::default()),+ }
            }
        }
    };
}

empty!(planner::Step { ask, cancel, propose, done });
empty!(scorer::Step { ask, cancel, scores });
empty!(verifier::Step { ask, cancel, judgement });
empty!(tournament::Step { play, cancel, prefetch, done });
empty!(tournament::Ranking { places, no_target, answer, notes });
empty!(crate::Verdict { shares, order, why, notes });
