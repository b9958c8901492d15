//! The four kinds of plugin, as traits without plumbing, and the words of each.

use crate::{Brief, Fault, Settings};
use alloc::string::String;

/// The words of a planner.
pub mod planner {
    pub use crate::bindings::planner::exports::rescue::plugin::planner::{Blank, Fact, Proposal, Step};
    pub use crate::kinds::Planner;
}

/// The words of a scorer.
pub mod scorer {
    pub use crate::bindings::scorer::exports::rescue::plugin::scorer::{Fact, Step};
    pub use crate::kinds::Scorer;
}

/// The words of a verifier.
pub mod verifier {
    pub use crate::bindings::verifier::exports::rescue::plugin::verifier::{Contest, Fact, Judgement, Step};
    pub use crate::kinds::Verifier;
}

/// The words of a tournament.
pub mod tournament {
    pub use crate::bindings::tournament::exports::rescue::plugin::tournament::{
        Ending, Fact, Lineup, Match, Outcome, Place, Ranking, Step, Terms,
    };
    pub use crate::kinds::Tournament;
}

/// The words of the manifest.
pub mod manifest {
    pub use crate::bindings::manifest::exports::rescue::plugin::manifest::{About, Offer};
}

/// Turns the query into hypotheses. `next` may give more than the host's room at once; it is handed over in pieces.
pub trait Planner: Sized + 'static {
    /// What can be set.
    type Settings: Settings;
    /// What it needs of the host.
    const NEEDS: &'static [&'static str] = &[];
    /// What it promises.
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session.
    fn start(brief: Brief, settings: Self::Settings) -> Result<Self, Fault>;
    /// A new fact.
    fn tell(&mut self, fact: planner::Fact) -> Result<(), Fault>;
    /// What to do next. Not called again once it said that it is done.
    fn next(&mut self) -> Result<planner::Step, Fault>;
}

/// Gives each candidate a number.
pub trait Scorer: Sized + 'static {
    /// What can be set.
    type Settings: Settings;
    /// What it needs of the host.
    const NEEDS: &'static [&'static str] = &[];
    /// What it promises.
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session.
    fn start(brief: Brief, settings: Self::Settings) -> Result<Self, Fault>;
    /// A new fact.
    fn tell(&mut self, fact: scorer::Fact) -> Result<(), Fault>;
    /// What to do next. Not called again once it gave its scores.
    fn next(&mut self) -> Result<scorer::Step, Fault>;
}

/// Judges one match.
pub trait Verifier: Sized + 'static {
    /// What can be set.
    type Settings: Settings;
    /// What it needs of the host.
    const NEEDS: &'static [&'static str] = &[];
    /// What it promises.
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session.
    fn start(brief: Brief, contest: verifier::Contest, settings: Self::Settings) -> Result<Self, Fault>;
    /// A new fact.
    fn tell(&mut self, fact: verifier::Fact) -> Result<(), Fault>;
    /// What to do next. Not called again once it gave its judgement.
    fn next(&mut self) -> Result<verifier::Step, Fault>;
}

/// Decides who meets whom, and ranks.
pub trait Tournament: Sized + 'static {
    /// What can be set.
    type Settings: Settings;
    /// What it needs of the host.
    const NEEDS: &'static [&'static str] = &[];
    /// What it promises.
    const TRAITS: &'static [(&'static str, &'static str)] = &[];

    /// Begins a session.
    fn start(brief: Brief, terms: tournament::Terms, settings: Self::Settings) -> Result<Self, Fault>;
    /// A new fact.
    fn tell(&mut self, fact: tournament::Fact) -> Result<(), Fault>;
    /// What to do next. Not called again once it said that it is done. `next` may give more than the host's room at once.
    fn next(&mut self) -> Result<tournament::Step, Fault>;
    /// The ranking as things stand.
    fn ranking(&self) -> Result<tournament::Ranking, Fault>;
}

impl Fault {
    /// Settings that do not go together.
    pub fn settings(message: impl Into<String>) -> Self {
        Self { blame: crate::Blame::Settings, message: message.into() }
    }

    /// Something that the plugin does not do.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { blame: crate::Blame::Unsupported, message: message.into() }
    }

    /// A mistake in the plugin.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { blame: crate::Blame::Internal, message: message.into() }
    }
}

/// Nothing, to be filled in.
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
