//! The answers of one sample: which questions were put, which answers were used, and which are absent. All three go into its record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rescue_ledger::Key;
use serde::Serialize;

use super::pose::Batch;
use super::readings::{AllReadings, Readings, UnreadableReply};
use crate::exchange::{Absence, AbsenceRecord, Call, StoredAnswer};
use crate::services::ServiceName;

/// Different questions put to each service, whether or not their answers were known: what a strategy costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Questions {
    /// Questions in words to the planner's model.
    pub plan: u32,
    /// Phrases for the detector.
    pub detect: u32,
    /// Prompts for the executor.
    pub segment: u32,
    /// Cut-outs for the image-text model.
    pub clip: u32,
    /// Questions in words to the verifier's model.
    pub verify: u32,
}

impl Questions {
    /// The number of all questions.
    pub fn total(&self) -> u32 {
        let Self { plan, detect, segment, clip, verify } = self;
        [plan, detect, segment, clip, verify].into_iter().fold(0, |sum: u32, count| sum.saturating_add(*count))
    }
}

/// The kind of a question, for [`Questions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum QuestionKind {
    Plan,
    Detect,
    Segment,
    Clip,
    Verify,
}

/// An answer, or its absence.
pub(crate) type QuestionOutcome = Result<Arc<StoredAnswer>, Absence>;

/// The questions of a call that have no outcome yet.
pub(crate) struct OpenCall {
    pub(crate) call: Call,
    /// Their places in the call, with their keys.
    pub(crate) open: Vec<(usize, Key)>,
}

/// What is known of one sample's questions.
#[derive(Default)]
pub(crate) struct SampleAnswers {
    asked: BTreeSet<(QuestionKind, Key)>,
    stored: BTreeMap<Key, Arc<StoredAnswer>>,
    absent: BTreeMap<Key, Absence>,
    readings: AllReadings,
    clamped: u32,
}

impl SampleAnswers {
    /// Begins with the absences of an earlier run: their questions are not asked again.
    pub(crate) fn new(absent: BTreeMap<Key, Absence>) -> Self {
        Self { absent, ..Self::default() }
    }

    /// Notes these questions as asked. Returns the key of each question by its place, and the calls with questions that have no
    /// outcome yet; a question that stands in several calls is open in the first one only.
    pub(crate) fn open(&mut self, batches: Vec<Batch>, kinds: &[QuestionKind]) -> (Vec<Option<Key>>, Vec<OpenCall>) {
        let mut keys = vec![None; kinds.len()];
        let mut claimed = BTreeSet::new();
        let mut calls = Vec::new();
        for Batch { call, places } in batches {
            let mut open = Vec::new();
            for (number, (place, question)) in places.iter().zip(&call.questions).enumerate() {
                let key = question.key;
                if let Some(of_place) = keys.get_mut(*place) {
                    *of_place = Some(key);
                }
                self.asked.extend(kinds.get(*place).map(|kind| (*kind, key)));
                let has_outcome = self.absent.contains_key(&key) || self.stored.contains_key(&key);
                if !has_outcome && claimed.insert(key) {
                    open.push((number, key));
                }
            }
            if !open.is_empty() {
                calls.push(OpenCall { call, open });
            }
        }
        (keys, calls)
    }

    /// Notes an outcome.
    pub(crate) fn insert(&mut self, key: Key, outcome: QuestionOutcome) {
        match outcome {
            Ok(stored) => drop(self.stored.insert(key, stored)),
            Err(absence) => drop(self.absent.insert(key, absence)),
        }
    }

    /// The outcome of a question. An absence counts even if an answer came later.
    pub(super) fn outcome(&self, key: Option<Key>) -> QuestionOutcome {
        let key = key.ok_or_else(Absence::not_asked)?;
        match (self.absent.get(&key), self.stored.get(&key)) {
            (Some(absence), _) => Err(absence.clone()),
            (None, Some(stored)) => Ok(stored.clone()),
            (None, None) => Err(Absence::not_asked()),
        }
    }

    /// Notes how an answer of this service was read.
    pub(super) fn note_reading(&mut self, service: ServiceName, key: Key, read: Result<Vec<String>, UnreadableReply>) {
        self.readings.note(service, key, read);
    }

    /// The nearest number from 0 to `most`; counts it if it is another one.
    pub(super) fn clamp(&mut self, number: f64, most: f64) -> f64 {
        let (nearest, changed) = rescue_service::clamped(number, most);
        self.clamped = self.clamped.saturating_add(u32::from(changed));
        nearest
    }

    /// Numbers that lay slightly outside their range.
    pub(crate) fn clamped(&self) -> u32 {
        self.clamped
    }

    /// How the answers of models in words could be read, by service.
    pub(crate) fn readings(&self) -> &BTreeMap<ServiceName, Readings> {
        self.readings.services()
    }

    /// The keys of all questions asked so far that are of the same kind as this one.
    pub(crate) fn same_kind(&self, key: Key) -> Vec<Key> {
        let kind = self.asked.iter().find(|(_, asked)| *asked == key).map(|(kind, _)| *kind);
        self.asked.iter().filter(|(of, _)| Some(*of) == kind).map(|(_, key)| *key).collect()
    }

    /// Whether this question has an answer.
    pub(crate) fn is_answered(&self, key: Key) -> bool {
        self.stored.contains_key(&key)
    }

    /// Different questions so far.
    pub(crate) fn questions(&self) -> Questions {
        let count = |of| u32::try_from(self.asked.iter().filter(|(kind, _)| *kind == of).count()).unwrap_or(u32::MAX);
        Questions {
            plan: count(QuestionKind::Plan),
            detect: count(QuestionKind::Detect),
            segment: count(QuestionKind::Segment),
            clip: count(QuestionKind::Clip),
            verify: count(QuestionKind::Verify),
        }
    }

    /// The absences among the questions that were asked, in the order of keys.
    pub(crate) fn absences(&self) -> Vec<AbsenceRecord> {
        let asked: BTreeSet<Key> = self.asked.iter().map(|(_, key)| *key).collect();
        let absent = self.absent.iter().filter(|(key, _)| asked.contains(key));
        absent.map(|(key, absence)| AbsenceRecord { key: *key, absence: absence.clone() }).collect()
    }

    /// BLAKE3 over the keys of all answers that were used, each with the digest of its answer, in the order of keys.
    pub(crate) fn digest(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for (key, stored) in &self.stored {
            hash.update(key.as_bytes());
            hash.update(stored.digest.as_bytes());
        }
        hash.finalize().to_hex().to_string()
    }
}
