//! A component that is compiled and linked, and the kinds that it exports.

use std::sync::Arc;

use rescue_core::Digest;
use wasmtime::component::InstancePre;

use crate::border::exports::rescue::plugin::{planner, scorer, tournament, verifier};
use crate::error::{Cause, PluginError};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::state::State;

/// A compiled component and what is needed to run it.
pub(crate) struct Loaded {
    /// The plugin's name and version; the name of its file while the manifest is read.
    pub(crate) name: String,
    pub(crate) digest: Digest,
    pub(crate) limits: Arc<Limits>,
    pub(crate) pre: InstancePre<State>,
    pub(crate) exports: Exports,
}

/// The exported interface of each kind; `None` for a kind that the component does not export.
pub(crate) struct Exports {
    pub(crate) planner: Option<planner::GuestIndices>,
    pub(crate) scorer: Option<scorer::GuestIndices>,
    pub(crate) verifier: Option<verifier::GuestIndices>,
    pub(crate) tournament: Option<tournament::GuestIndices>,
}

impl Exports {
    /// Finds the exported interfaces.
    pub(crate) fn of(pre: &InstancePre<State>) -> Self {
        Self {
            planner: planner::GuestIndices::new(pre).ok(),
            scorer: scorer::GuestIndices::new(pre).ok(),
            verifier: verifier::GuestIndices::new(pre).ok(),
            tournament: tournament::GuestIndices::new(pre).ok(),
        }
    }

    /// The kinds that are exported.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let has = |kind: &Kind| match kind {
            Kind::Planner => self.planner.is_some(),
            Kind::Scorer => self.scorer.is_some(),
            Kind::Verifier => self.verifier.is_some(),
            Kind::Tournament => self.tournament.is_some(),
        };
        Kind::ALL.into_iter().filter(has).collect()
    }
}

impl Loaded {
    /// An error in a function of this plugin.
    pub(crate) fn error(&self, kind: Option<Kind>, function: &'static str, cause: Cause) -> PluginError {
        PluginError::load(self.name.clone(), Some(self.digest), cause).of_kind(kind).in_function(function)
    }

    /// The exported interface of a kind, which `exports` picks. Returns [`Cause::WrongKind`] if there is none.
    pub(crate) fn kind<T>(&self, kind: Kind, exports: impl FnOnce(&Exports) -> Option<&T>) -> Result<&T, PluginError> {
        exports(&self.exports).ok_or_else(|| {
            let cause = Cause::WrongKind { wanted: kind, has: self.exports.kinds() };
            PluginError::load(&self.name, Some(self.digest), cause)
        })
    }
}
