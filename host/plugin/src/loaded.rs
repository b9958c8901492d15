//! A component that is compiled and linked.

use std::sync::Arc;

use rescue_core::Digest;
use wasmtime::component::InstancePre;

use crate::error::{Cause, PluginError};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::state::State;

/// A compiled component and what is needed to run it.
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) digest: Digest,
    pub(crate) limits: Arc<Limits>,
    pub(crate) pre: InstancePre<State>,
}

impl Loaded {
    pub(crate) fn error(&self, kind: Option<Kind>, function: &'static str, cause: Cause) -> PluginError {
        PluginError::load(self.name.clone(), Some(self.digest), cause).of_kind(kind).in_function(function)
    }
}
