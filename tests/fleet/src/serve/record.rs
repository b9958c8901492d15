//! A server's statistics.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use rescue_core::Digest;
use serde::Serialize;

use super::slots::Usage;
use crate::fault::Fault;
use crate::limits::{MAX_BODIES, MAX_NAME, MAX_NAMES};

/// What a server has done so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Connections that were accepted.
    pub connections: u64,
    /// The number of these that were reset at once.
    pub refused: u64,
    /// Requests whose head arrived.
    pub requests: u64,
    /// Requests by method and path. Those to unknown paths are counted under "other".
    pub endpoints: BTreeMap<String, u64>,
    /// The size of all request bodies together, in bytes.
    pub bytes_in: u64,
    /// Different request bodies, of which up to 1 048 576 are remembered.
    pub distinct_bodies: u64,
    /// Pictures that came as bytes.
    pub images_by_bytes: u64,
    /// Pictures that came as `uuid` alone and were found.
    pub images_by_uuid: u64,
    /// Pictures that came as `uuid` alone and were not found.
    pub uuid_misses: u64,
    /// Pictures that came as bytes under a `uuid` that was known for other bytes. The server used the older picture.
    pub uuid_conflicts: u64,
    /// Requests, pictures and crops for whose answer a known photo or query was needed and not found.
    pub unrecognised: u64,
    /// Top-level fields of chat requests that neither vLLM nor SGLang knows, such as `guided_json`, with their counts.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Answers whose last byte was handed to the connection, by HTTP status.
    pub served: BTreeMap<u16, u64>,
    /// Requests whose client left before that, or whose connection a fault cut off.
    pub aborted: u64,
    /// The faults that were made, with their counts.
    pub faults: BTreeMap<Fault, u64>,
    /// The number of requests that hold a slot now.
    pub running: usize,
    /// The number of requests that wait for a slot now.
    pub waiting: usize,
    /// The most requests that held a slot at once.
    pub peak_running: usize,
    /// The most requests that waited at once.
    pub peak_waiting: usize,
    /// The number of slots.
    pub slots: usize,
    /// Seconds since the first request arrived; 0 if none did.
    pub seconds: f64,
    /// Seconds for which slots were held, summed over slots. The difference of two readings gives the busy share
    /// between them.
    pub busy_seconds: f64,
    /// The busy share since the first request: `busy_seconds` / (`slots` × `seconds`), 0 to 1.
    pub busy_share: f64,
    /// Seconds from the first request until all slots were first held at once. `None` if they never were.
    pub full_after: Option<f64>,
    /// The number of requests that got a slot.
    pub admitted: u64,
    /// Seconds for which these requests waited for their slots, summed.
    pub queue_seconds: f64,
    /// Seconds for which finished requests should have held their slots according to the latency model, summed.
    pub nominal_seconds: f64,
    /// Seconds for which they did hold them, summed. If this is much more than nominal, the machine is too slow for the
    /// figures to mean anything.
    pub held_seconds: f64,
}

/// A fact about a request, for the statistics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    ImageByBytes,
    ImageByUuid,
    UuidMiss,
    UuidConflict,
    Unrecognised,
    UnknownField(String),
    Fault(Fault),
}

/// How often a request body came before, and how many faults it met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct History {
    pub(super) attempts: u32,
    pub(super) faults: u32,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) stats: Stats,
    bodies: HashMap<Digest, History>,
    first: Option<Instant>,
}

impl Record {
    pub(super) fn arrive(&mut self, endpoint: &str) {
        self.first.get_or_insert_with(Instant::now);
        self.stats.requests += 1;
        count(&mut self.stats.endpoints, endpoint.to_owned());
    }

    /// Counts a request body, and returns its history before this request. A body beyond the limit always counts as
    /// new.
    pub(super) fn body(&mut self, digest: Digest, bytes: usize) -> History {
        self.stats.bytes_in += bytes as u64;
        let before = self.bodies.get(&digest).copied();
        if before.is_some() || self.bodies.len() < MAX_BODIES {
            self.bodies.entry(digest).or_default().attempts += 1;
        }
        self.stats.distinct_bodies = self.bodies.len() as u64;
        before.unwrap_or_default()
    }

    /// Counts a fault that was drawn for a request body.
    pub(super) fn fault(&mut self, digest: &Digest, fault: Fault) {
        self.note(Note::Fault(fault));
        if let Some(history) = self.bodies.get_mut(digest) {
            history.faults += 1;
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        let stats = &mut self.stats;
        match note {
            Note::ImageByBytes => stats.images_by_bytes += 1,
            Note::ImageByUuid => stats.images_by_uuid += 1,
            Note::UuidMiss => stats.uuid_misses += 1,
            Note::UuidConflict => stats.uuid_conflicts += 1,
            Note::Unrecognised => stats.unrecognised += 1,
            Note::UnknownField(name) => {
                let name: String = name.chars().take(MAX_NAME).collect();
                if stats.unknown_fields.len() < MAX_NAMES || stats.unknown_fields.contains_key(&name) {
                    count(&mut stats.unknown_fields, name);
                }
            }
            Note::Fault(fault) => *stats.faults.entry(fault).or_default() += 1,
        }
    }

    pub(super) fn admit(&mut self, waited: Duration) {
        self.stats.admitted += 1;
        self.stats.queue_seconds += waited.as_secs_f64();
    }

    pub(super) fn held(&mut self, nominal: Duration, actual: Duration) {
        self.stats.nominal_seconds += nominal.as_secs_f64();
        self.stats.held_seconds += actual.as_secs_f64();
    }

    pub(super) fn read(&self, slots: usize, usage: Usage) -> Stats {
        let seconds = self.first.map_or(0.0, |first| first.elapsed().as_secs_f64());
        let after = |then: Instant| self.first.map_or(0.0, |first| then.saturating_duration_since(first).as_secs_f64());
        Stats {
            running: usage.running,
            waiting: usage.waiting,
            peak_running: usage.peak,
            peak_waiting: usage.peak_waiting,
            slots,
            seconds,
            busy_seconds: usage.busy,
            busy_share: if seconds > 0.0 { usage.busy / (slots as f64 * seconds) } else { 0.0 },
            full_after: usage.full.map(after),
            ..self.stats.clone()
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: String) {
    *counts.entry(name).or_default() += 1;
}
