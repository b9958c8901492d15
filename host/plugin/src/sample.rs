//! The sample that plugins look things up in: the photo, and the masks and reasoning of the candidates.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use rescue_core::Photo;
use rescue_mask::CompactMask;

use crate::trace::Traces;

/// A photo and its candidates so far. All sessions of a sample share it.
pub struct Sample {
    photo: Arc<Photo>,
    candidates: RwLock<BTreeMap<u32, Arc<Entry>>>,
    traces: Option<Traces>,
}

/// What can be looked up about a candidate.
pub(crate) struct Entry {
    pub(crate) mask: Arc<CompactMask>,
    pub(crate) reasoning: String,
}

impl Sample {
    /// A sample without candidates.
    pub fn new(photo: Arc<Photo>) -> Self {
        Self { photo, candidates: RwLock::default(), traces: None }
    }

    /// Keeps the event logs of all sessions of this sample in `traces`.
    #[must_use]
    pub fn with_traces(mut self, traces: Traces) -> Self {
        self.traces = Some(traces);
        self
    }

    pub(crate) fn traces(&self) -> Option<&Traces> {
        self.traces.as_ref()
    }

    /// The photo.
    pub fn photo(&self) -> &Photo {
        &self.photo
    }

    /// Adds a candidate. A session can look it up once it was told of it.
    pub fn enter(&self, id: u32, mask: Arc<CompactMask>, reasoning: String) {
        let mut candidates = self.candidates.write().unwrap_or_else(PoisonError::into_inner);
        candidates.insert(id, Arc::new(Entry { mask, reasoning }));
    }

    /// The mask of a candidate; `None` if there is no candidate with this id.
    pub fn mask(&self, id: u32) -> Option<Arc<CompactMask>> {
        self.entry(id).map(|entry| entry.mask.clone())
    }

    /// The planner's reasoning for a candidate; `None` if there is no candidate with this id.
    pub fn reasoning(&self, id: u32) -> Option<String> {
        self.entry(id).map(|entry| entry.reasoning.clone())
    }

    pub(crate) fn entry(&self, id: u32) -> Option<Arc<Entry>> {
        self.candidates.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sample").field("photo", &self.photo.digest()).finish_non_exhaustive()
    }
}
