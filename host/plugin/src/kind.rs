//! The four kinds of plugin.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Turns the query into hypotheses.
    Planner,
    /// Gives each candidate a score.
    Scorer,
    /// Judges a match.
    Verifier,
    /// Decides which candidates meet in matches, and ranks them.
    Tournament,
}

impl Kind {
    /// All kinds, in the order in which a run uses them.
    pub const ALL: [Self; 4] = [Self::Planner, Self::Scorer, Self::Verifier, Self::Tournament];

    /// The name of the kind, as on the command line and in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Scorer => "scorer",
            Self::Verifier => "verifier",
            Self::Tournament => "tournament",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("no kind of plugin is called {text:?}; there are {}", list(&Self::ALL)))
    }
}

/// The names of the kinds, such as "planner, scorer".
pub(crate) fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}
