//! Records the event log of an instance while it runs.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use super::{Call, Event, FORM, Header, Looked, Returned, Trace};
use crate::Kind;
use crate::error::Cause;
use crate::loaded::Loaded;

/// Collects the event logs of a sample's instances. Each log is added when its instance is dropped, also after a failure. Clones
/// share one collection.
#[derive(Clone, Debug, Default)]
pub struct Traces(Arc<Mutex<Vec<Trace>>>);

impl Traces {
    pub(crate) fn keep(&self, trace: Trace) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
    }

    /// Takes the event logs collected so far, in the order of [`Kind::ALL`].
    pub fn take(&self) -> Vec<Trace> {
        let mut traces = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        traces.sort_by_key(|trace| trace.header.kind);
        traces
    }
}

/// The event log of a running instance.
#[derive(Debug)]
pub(crate) struct Recorder(Trace);

impl Recorder {
    pub(crate) fn new(loaded: &Loaded, kind: Kind) -> Self {
        let (border, plugin) = (crate::version::SPOKEN.to_owned(), loaded.name.clone());
        let header = Header { trace: FORM, border, kind, plugin, digest: loaded.digest };
        Self(Trace { header, events: Vec::new() })
    }

    /// Adds a call that was answered.
    pub(crate) fn answer(&mut self, call: Call, looked: Vec<Looked>, answer: &impl Serialize, fuel: u64) {
        let answer = serde_json::to_value(answer).unwrap_or_else(|error| Value::String(error.to_string()));
        self.0.events.push(Event { call, looked, returned: Returned::Answer(answer), fuel });
    }

    /// Adds a call that failed.
    pub(crate) fn error(&mut self, call: Call, looked: Vec<Looked>, cause: &Cause, fuel: u64) {
        self.0.events.push(Event { call, looked, returned: Returned::Error(cause.to_string()), fuel });
    }

    /// Removes the last call and returns it.
    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.0.events.pop()
    }

    pub(crate) fn trace(self) -> Trace {
        self.0
    }
}
