//! The answers of one sample: which questions were put, which answers were used, and which are absent. All three go into its record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rescue_ledger::Key;
use rescue_service::{ServiceError, way_out};

use super::cost::{Cost, Questions};
use super::readings::{AllReadings, Readings, UnreadableReply};
use crate::error::RunError;
use crate::exchange::{Absence, AbsenceKind, AbsenceRecord, Call, ExchangeError, StoredAnswer, Tokens};
use crate::services::{ServiceName, Services};

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

impl OpenCall {
    /// A call of which all questions are open.
    pub(crate) fn whole(call: Call) -> Self {
        let open = call.questions.iter().map(|asked| asked.key).enumerate().collect();
        Self { call, open }
    }
}

/// What is known of one sample's questions.
#[derive(Default)]
pub(crate) struct SampleAnswers {
    asked: BTreeSet<(QuestionKind, Key)>,
    /// The number of masks in the pictures of each question in words.
    masks: BTreeMap<Key, u32>,
    /// Outcomes from before, of questions that may be asked or not.
    known: BTreeMap<Key, QuestionOutcome>,
    stored: BTreeMap<Key, Arc<StoredAnswer>>,
    absent: BTreeMap<Key, Absence>,
    /// Questions without an outcome, and whether it is not known yet if it is needed.
    under_way: BTreeMap<Key, bool>,
    /// The kinds of question of which one was answered before: their services work.
    answered_before: BTreeSet<QuestionKind>,
    readings: AllReadings,
    /// The questions whose answers were numbers slightly outside their range.
    clamped: BTreeSet<Key>,
}

impl SampleAnswers {
    /// Begins with the absences of an earlier run: their questions are not asked again.
    pub(crate) fn new(absent: BTreeMap<Key, Absence>) -> Self {
        Self { absent, ..Self::default() }
    }

    /// Also begins with outcomes that are already known. They count once their questions are asked.
    #[must_use]
    pub(crate) fn with_known(mut self, known: BTreeMap<Key, QuestionOutcome>) -> Self {
        self.known = known;
        self
    }

    /// What the questions of scorers and verifiers so far have cost.
    pub(crate) fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        for (_, key) in self.asked.iter().filter(|(kind, _)| *kind == QuestionKind::Verify) {
            cost.questions = cost.questions.saturating_add(1);
            cost.masks_shown = cost.masks_shown.saturating_add(self.masks.get(key).copied().unwrap_or_default());
            cost.tokens = cost.tokens.plus(self.stored.get(key).map_or(Tokens::default(), |stored| stored.tokens));
        }
        cost
    }

    /// The tokens of the answers to all questions so far.
    pub(crate) fn tokens(&self) -> Tokens {
        self.stored.values().fold(Tokens::default(), |sum, stored| sum.plus(stored.tokens))
    }

    /// All outcomes that are known so far, of questions that were asked and of others.
    pub(crate) fn outcomes(&self) -> BTreeMap<Key, QuestionOutcome> {
        let mut outcomes = self.known.clone();
        outcomes.extend(self.stored.iter().map(|(key, stored)| (*key, Ok(stored.clone()))));
        outcomes.extend(self.absent.iter().map(|(key, absence)| (*key, Err(absence.clone()))));
        outcomes
    }

    /// Begins with what another choice of the same sample knows.
    #[must_use]
    pub(crate) fn after(mut self, other: &Self) -> Self {
        self.known = other.outcomes();
        let answered = other.asked.iter().filter(|(_, key)| other.stored.contains_key(key)).map(|(kind, _)| *kind);
        self.answered_before = answered.chain(other.answered_before.iter().copied()).collect();
        self
    }

    /// Notes a question as asked. Returns whether it is open: without an outcome, and not under way. A question that is under way as a
    /// speculative one is open to those who need it: it has to be asked with an earlier turn.
    pub(super) fn open_one(&mut self, kind: QuestionKind, key: Key, speculative: bool) -> bool {
        self.asked.insert((kind, key));
        if self.has_outcome(key) {
            return false;
        }
        match self.known.remove(&key) {
            Some(outcome) => {
                self.insert(key, outcome);
                false
            }
            None => match self.under_way.insert(key, speculative) {
                None => true,
                Some(was_speculative) => {
                    self.under_way.insert(key, was_speculative && speculative);
                    was_speculative && !speculative
                }
            },
        }
    }

    /// Notes that a question is asked no longer. Returns false if it is not under way, or if someone needs it.
    pub(super) fn withdraw(&mut self, key: Key) -> bool {
        let is_speculative = self.under_way.get(&key) == Some(&true);
        if is_speculative {
            self.under_way.remove(&key);
        }
        is_speculative
    }

    /// Whether a question is under way whose answer is needed.
    pub(super) fn is_needed(&self, key: Key) -> bool {
        self.under_way.get(&key) == Some(&false)
    }

    /// How many of the answers that were used the ledger had before, and how many are new.
    pub(crate) fn known_and_new(&self) -> (usize, usize) {
        let used = self.stored.values().filter(|stored| !self.absent.contains_key(&stored.key));
        used.fold((0, 0), |(known, new), stored| if stored.is_new { (known, new + 1) } else { (known + 1, new) })
    }

    /// Notes the questions of a call as asked, whose pictures have so many masks. `None` if none of them is open.
    pub(super) fn open(&mut self, kind: QuestionKind, masks: u32, call: Call) -> Option<OpenCall> {
        self.masks.extend(call.questions.iter().map(|asked| (asked.key, masks)));
        let questions = call.questions.iter().map(|asked| asked.key).enumerate();
        let open: Vec<(usize, Key)> =
            questions.filter(|(_, key)| self.open_one(kind, *key, call.turn.speculative)).collect();
        (!open.is_empty()).then_some(OpenCall { call, open })
    }

    /// Notes an outcome.
    pub(super) fn insert(&mut self, key: Key, outcome: QuestionOutcome) {
        self.under_way.remove(&key);
        match outcome {
            Ok(stored) => drop(self.stored.insert(key, stored)),
            Err(absence) => drop(self.absent.insert(key, absence)),
        }
    }

    /// Whether a question has an answer, or is known to have none.
    pub(super) fn has_outcome(&self, key: Key) -> bool {
        self.absent.contains_key(&key) || self.stored.contains_key(&key)
    }

    /// The outcome of a question. An absence counts even if an answer came later.
    pub(super) fn outcome(&self, key: Key) -> QuestionOutcome {
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

    /// The nearest number from 0 to `most`; the question counts as clamped if it is another one.
    pub(super) fn clamp(&mut self, key: Key, number: f64, most: f64) -> f64 {
        let (nearest, changed) = rescue_service::clamped(number, most);
        if changed {
            self.clamped.insert(key);
        }
        nearest
    }

    /// Questions whose answers were numbers slightly outside their range.
    pub(crate) fn clamped(&self) -> u32 {
        u32::try_from(self.clamped.len()).unwrap_or(u32::MAX)
    }

    /// How the answers of models in words could be read, by service.
    pub(crate) fn readings(&self) -> &BTreeMap<ServiceName, Readings> {
        self.readings.services()
    }

    /// Fails if a service has answered none of the questions of one of these kinds, here or before: it does not work, and a result would rest
    /// on nothing. While questions of a kind are under way, nothing is known of it. A service that rejects some questions may answer others: `rejected` says
    /// whether they count.
    pub(super) fn check_services(
        &self,
        kinds: &[QuestionKind],
        rejected: bool,
        services: &Services,
    ) -> Result<(), RunError> {
        let counts = |of: &&Absence| match of.kind {
            AbsenceKind::Failed => true,
            AbsenceKind::Rejected => rejected,
            AbsenceKind::Cut => false,
        };
        for kind in kinds.iter().filter(|kind| !self.answered_before.contains(kind)) {
            let same = || self.asked.iter().filter(|(of, _)| of == kind).map(|(_, key)| key);
            if same().any(|key| self.stored.contains_key(key) || self.under_way.contains_key(key)) {
                continue;
            }
            let absence = same().filter_map(|key| self.absent.get(key)).find(counts);
            if let Some(absence) = absence {
                return Err(silent(absence, same().count(), services).into());
            }
        }
        Ok(())
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

/// The error of a service that answered none of `count` questions.
fn silent(absence: &Absence, count: usize, services: &Services) -> ExchangeError {
    let cause = format!("none of {count} questions was answered. {}", absence.why);
    let side = ServiceName::of(&absence.service).and_then(|name| services.chat(name)).map_or(0, |chat| chat.max_side);
    let way_out = format!(
        "{} What was answered before is in the ledger: the same command goes on from there.",
        way_out(&absence.service, &absence.why, side)
    );
    match absence.kind {
        // A server that rejects a sample's questions is alive.
        AbsenceKind::Rejected => ExchangeError::Service(ServiceError::of_sample(&absence.service, cause, way_out)),
        AbsenceKind::Failed | AbsenceKind::Cut => {
            ExchangeError::Silent(ServiceError::failed(&absence.service, cause, way_out))
        }
    }
}

#[cfg(test)]
mod tests {
    use rescue_service::{ModelId, Operation, Repeat, asked};
    use serde_json::json;

    use super::*;
    use crate::exchange::{Request, Turn};

    /// Answers in which one question of each of these kinds was asked, and their keys.
    fn asked_of(kinds: &[QuestionKind]) -> (SampleAnswers, Vec<Key>) {
        let mut answers = SampleAnswers::default();
        let keys = kinds.iter().enumerate().map(|(number, kind)| {
            let key = key(number);
            assert!(answers.open_one(*kind, key, false) && !answers.open_one(*kind, key, false));
            key
        });
        let keys = keys.collect();
        (answers, keys)
    }

    fn question(number: usize) -> rescue_service::Asked {
        let model = ModelId { name: "m".into(), revision: String::new() };
        asked(Operation::Clip, &model, &json!(number), Repeat::default()).unwrap()
    }

    fn key(number: usize) -> Key {
        question(number).key
    }

    fn services() -> Services {
        crate::services::recorded(&rescue_config::resolve(None, |_| None, &[]).unwrap().config, &BTreeMap::new())
            .unwrap()
    }

    fn absent(kind: AbsenceKind) -> QuestionOutcome {
        Err(Absence { kind, service: "clip".into(), why: "503".into() })
    }

    fn stored(key: Key) -> QuestionOutcome {
        Ok(Arc::new(StoredAnswer {
            key,
            answer: json!(1),
            digest: blake3::hash(b"1"),
            is_new: true,
            tokens: Tokens::default(),
            seconds: 0.0,
        }))
    }

    /// The error after these outcomes of two questions to one service.
    fn checked(outcomes: [QuestionOutcome; 2]) -> Option<String> {
        let (mut answers, keys) = asked_of(&[QuestionKind::Clip, QuestionKind::Clip, QuestionKind::Segment]);
        answers.insert(keys[2], stored(keys[2]));
        for (key, outcome) in keys.iter().zip(outcomes) {
            // While a question is under way, nothing is known yet.
            assert!(answers.check_services(&[QuestionKind::Clip], true, &services()).is_ok());
            answers.insert(*key, outcome);
        }
        assert!(answers.check_services(&[QuestionKind::Segment, QuestionKind::Verify], true, &services()).is_ok());
        answers.check_services(&[QuestionKind::Clip], true, &services()).err().map(|error| error.to_string())
    }

    #[test]
    fn a_service_that_answers_nothing_ends_the_run_by_its_name() {
        let error = checked([absent(AbsenceKind::Failed), absent(AbsenceKind::Rejected)]).unwrap();
        assert!(error.starts_with("clip: none of 2 questions was answered. 503"), "{error}");
        assert_eq!(checked([absent(AbsenceKind::Failed), stored(key(1))]), None);
        // A deadline says nothing of the service.
        assert_eq!(checked([absent(AbsenceKind::Cut), absent(AbsenceKind::Cut)]), None);
    }

    #[test]
    fn known_outcomes_count_once_their_questions_are_asked() {
        let known =
            BTreeMap::from([(key(0), stored(key(0))), (key(1), absent(AbsenceKind::Cut)), (key(2), stored(key(2)))]);
        let mut answers = SampleAnswers::default().with_known(known);
        let nothing = answers.digest();
        let questions = vec![question(0), question(1), question(3)];
        let request = Request::Scripted(Box::new(|_, _| (std::time::Duration::ZERO, Ok(Vec::new()))));
        let call = Call { service: ServiceName::Clip, affinity: [0; 32], turn: Turn::default(), questions, request };
        let open = answers.open(QuestionKind::Clip, 0, call).unwrap().open;
        assert_eq!(open, [(2, key(3))], "the others are known");
        assert_eq!((answers.questions().clip, answers.absences().len()), (3, 1));
        let mut asked_alone = SampleAnswers::default();
        asked_alone.insert(key(0), stored(key(0)));
        assert!(
            answers.digest() != nothing && answers.digest() == asked_alone.digest(),
            "an answer that nobody asked for"
        );
    }

    #[test]
    fn earlier_absences_are_not_asked_again() {
        let absence = Absence { kind: AbsenceKind::Failed, service: "clip".into(), why: "503".into() };
        let mut answers = SampleAnswers::new(BTreeMap::from([(key(0), absence)]));
        assert!(!answers.open_one(QuestionKind::Clip, key(0), false) && answers.outcome(key(0)).is_err());
    }

    #[test]
    fn a_guess_is_asked_again_only_by_those_who_need_it() {
        let mut answers = SampleAnswers::default();
        let mut open = |speculative| answers.open_one(QuestionKind::Verify, key(0), speculative);
        assert_eq!([open(true), open(true), open(false), open(false), open(true)], [true, false, true, false, false]);
        assert!(!answers.withdraw(key(0)), "someone needs it");
        assert!(answers.open_one(QuestionKind::Verify, key(1), true) && answers.withdraw(key(1)));
        assert!(!answers.withdraw(key(1)) && answers.open_one(QuestionKind::Verify, key(1), true));
    }
}
