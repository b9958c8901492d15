//! Pictures as they are sent, and which of them a server has seen.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many pictures a server is believed to remember. When there are more, all are forgotten: a server that still knows one is
/// sent it once again, no more.
const REMEMBERED: usize = 1 << 16;

/// A picture file, encoded once, however many requests it goes into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    uuid: [u8; 32],
    url: String,
}

impl Encoded {
    /// A JPEG file.
    pub fn jpeg(file: &[u8]) -> Self {
        let mut url = "data:image/jpeg;base64,".to_owned();
        base64_simd::STANDARD.encode_append(file, &mut url);
        Self { uuid: *blake3::hash(file).as_bytes(), url }
    }

    /// BLAKE3 of the file: never a name, so that no server takes one picture for another.
    pub fn uuid(&self) -> &[u8; 32] {
        &self.uuid
    }

    /// As a data URL.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// What one server has seen.
#[derive(Default)]
pub(super) struct Uploads {
    seen: Mutex<HashSet<[u8; 32]>>,
    /// It keeps no pictures: vLLM without its processor cache.
    forgetful: AtomicBool,
}

impl Uploads {
    /// Those of these pictures that the server has seen.
    pub(super) fn known(&self, pictures: &[Arc<Encoded>]) -> Vec<[u8; 32]> {
        if self.forgetful.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.iter().map(|picture| picture.uuid).filter(|uuid| seen.contains(uuid)).collect()
    }

    /// It answered a request with these.
    pub(super) fn note(&self, pictures: &[Arc<Encoded>]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() + pictures.len() > REMEMBERED {
            seen.clear();
        }
        seen.extend(pictures.iter().map(|picture| picture.uuid));
    }

    /// It has seen none of them, and never will.
    pub(super) fn give_up(&self) {
        self.forgetful.store(true, Ordering::Relaxed);
    }

    /// It has lost these.
    pub(super) fn forget(&self, uuids: &[[u8; 32]]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|uuid| !uuids.contains(uuid));
    }
}
