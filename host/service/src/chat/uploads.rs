//! Which pictures a server has received.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::body::Encoded;

/// The most uuids remembered for a server. Beyond that all are forgotten, and pictures are sent in full once more.
const MAX_UUIDS: usize = 1 << 16;

/// The pictures that one server has received.
#[derive(Default)]
pub(super) struct Uploads {
    uuids: Mutex<HashSet<[u8; 32]>>,
    /// Set if the server caches no pictures, as vLLM without its processor cache.
    disabled: AtomicBool,
}

impl Uploads {
    /// The uuids of those of these pictures that the server has received; empty if it caches none.
    pub(super) fn known(&self, pictures: &[Arc<Encoded>]) -> Vec<[u8; 32]> {
        if self.disabled.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let known = self.uuids.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.iter().map(|picture| *picture.uuid()).filter(|uuid| known.contains(uuid)).collect()
    }

    /// Remembers the pictures of a request that the server answered.
    pub(super) fn add(&self, pictures: &[Arc<Encoded>]) {
        let mut known = self.uuids.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + pictures.len() > MAX_UUIDS {
            known.clear();
        }
        known.extend(pictures.iter().map(|picture| *picture.uuid()));
    }

    /// Reports no picture as received from now on, for a server that caches none.
    pub(super) fn disable(&self) {
        self.disabled.store(true, Ordering::Relaxed);
    }

    /// Forgets these uuids, which the server no longer has.
    pub(super) fn forget(&self, uuids: &[[u8; 32]]) {
        let mut known = self.uuids.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|uuid| !uuids.contains(uuid));
    }
}
