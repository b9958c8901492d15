//! Answers a sample's questions in a run: by the exchange, with every absence written to the journal before it is used.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use rescue_ledger::Key;
use rescue_service::{ServiceError, way_out};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::ask::{AnswerSource, OpenCall, QuestionOutcome, SampleAnswers};
use crate::error::RunError;
use crate::exchange::{Absence, AbsenceKind, Exchange, ExchangeError, NoAnswer};
use crate::journal::Journal;
use crate::progress::Progress;
use crate::services::{ServiceName, Services};

/// How often it is looked whether a server asks to wait.
const LOOK: Duration = Duration::from_millis(500);

/// Answers the questions of one sample.
pub(super) struct ServiceAnswers<'a> {
    pub(super) exchange: &'a Arc<Exchange>,
    /// Drives the requests, while the calling thread waits.
    pub(super) runtime: &'a Runtime,
    pub(super) journal: &'a Journal,
    /// The sample's name in the journal.
    pub(super) sample: String,
    /// Questions without an answer by then are cut. `None` is no deadline.
    pub(super) deadline: Option<Instant>,
}

/// The deadline of a sample that begins now and may take this many seconds. `None` if `seconds` is 0.
pub(super) fn deadline(seconds: f64) -> Option<Instant> {
    let seconds = Duration::try_from_secs_f64(seconds).ok().filter(|seconds| !seconds.is_zero())?;
    Instant::now().checked_add(seconds)
}

impl AnswerSource for ServiceAnswers<'_> {
    fn settle(
        &self,
        calls: Vec<OpenCall>,
        answers: &SampleAnswers,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        let (exchange, deadline) = (self.exchange, self.deadline);
        // By key, so that neither the journal nor the result tells which answer came first.
        let mut outcomes: BTreeMap<Key, QuestionOutcome> = BTreeMap::new();
        let mut failure: Option<ExchangeError> = None;
        self.runtime.block_on(async {
            let ask = |OpenCall { call, open }: OpenCall| async move {
                let places: Vec<usize> = open.iter().map(|(place, _)| *place).collect();
                let outcomes = exchange.resolve(call, &places, deadline).await;
                (open, outcomes)
            };
            let mut under_way: FuturesUnordered<_> = calls.into_iter().map(ask).collect();
            let mut waits = BTreeMap::new();
            loop {
                let next = tokio::time::timeout(LOOK, under_way.next()).await;
                note_waits(exchange, &mut waits, progress);
                let (open, of_call) = match next {
                    Err(_) => continue,
                    Ok(None) => break,
                    Ok(Some(next)) => next,
                };
                progress(Progress::Answered(open.len()));
                for ((_, key), outcome) in open.into_iter().zip(of_call) {
                    match outcome {
                        Ok(stored) => drop(outcomes.insert(key, Ok(stored))),
                        Err(NoAnswer::Absent(absence)) => drop(outcomes.insert(key, Err(absence))),
                        Err(NoAnswer::Failed(error)) => {
                            failure.get_or_insert(error);
                        }
                    }
                }
            }
        });
        if let Some(error) = failure {
            return Err(error.into());
        }
        check_services(exchange.services(), answers, &outcomes)?;
        for (key, absence) in absences(&outcomes) {
            self.journal.add(&self.sample, *key, absence)?;
        }
        Ok(outcomes.into_iter().collect())
    }
}

/// Tells of each wait that a server asks for, once.
fn note_waits(exchange: &Exchange, told: &mut BTreeMap<ServiceName, Instant>, progress: &mut dyn FnMut(Progress)) {
    for (service, until) in exchange.waits() {
        // Requests that were refused together have about the same end of their wait.
        if told.get(&service).is_none_or(|told| until.duration_since(*told) > LOOK) {
            told.insert(service, until);
            progress(Progress::Waiting(service, until.duration_since(Instant::now()).as_secs() + 1));
        }
    }
}

fn absences(outcomes: &BTreeMap<Key, QuestionOutcome>) -> impl Iterator<Item = (&Key, &Absence)> {
    outcomes.iter().filter_map(|(key, outcome)| Some((key, outcome.as_ref().err()?)))
}

/// Ends the run if a service has answered none of this sample's questions: it does not work, and a result would rest on nothing.
fn check_services(
    services: &Services,
    answers: &SampleAnswers,
    outcomes: &BTreeMap<Key, QuestionOutcome>,
) -> Result<(), RunError> {
    let is_answered = |key: &Key| answers.is_answered(*key) || outcomes.get(key).is_some_and(Result::is_ok);
    for (key, absence) in absences(outcomes).filter(|(_, absence)| absence.kind != AbsenceKind::Cut) {
        let same = answers.same_kind(*key);
        if !same.iter().any(is_answered) {
            let cause = format!("none of {} questions was answered. {}", same.len(), absence.why);
            let side =
                ServiceName::of(&absence.service).and_then(|name| services.chat(name)).map_or(0, |chat| chat.max_side);
            let way_out = format!(
                "{} What was answered before is in the ledger: the same command goes on from there.",
                way_out(&absence.service, &absence.why, side)
            );
            // A server that rejects a sample's questions is alive.
            return Err(match absence.kind {
                AbsenceKind::Rejected => {
                    ExchangeError::Service(ServiceError::of_sample(&absence.service, cause, way_out)).into()
                }
                AbsenceKind::Failed | AbsenceKind::Cut => {
                    ExchangeError::Silent(ServiceError::failed(&absence.service, cause, way_out)).into()
                }
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rescue_service::{ModelId, Operation, Repeat, asked};
    use serde_json::json;

    use super::*;
    use crate::ask::{Batch, QuestionKind};
    use crate::exchange::{Call, Request, StoredAnswer};

    /// Answers in which these many questions of each kind were asked, and their keys.
    fn asked_of(kinds: &[QuestionKind]) -> (SampleAnswers, Vec<Key>) {
        let model = ModelId { name: "m".into(), revision: String::new() };
        let question = |number| asked(Operation::Clip, &model, &json!(number), Repeat::default()).unwrap();
        let questions: Vec<_> = (0..kinds.len()).map(question).collect();
        let keys = questions.iter().map(|asked| asked.key).collect();
        let request = Request::Scripted(Box::new(|_| Ok(Vec::new())));
        let call = Call { service: ServiceName::Clip, affinity: [0; 32], order: 0, questions, request };
        let mut answers = SampleAnswers::default();
        answers.open(vec![Batch { call, places: (0..kinds.len()).collect() }], kinds);
        (answers, keys)
    }

    fn services() -> Services {
        crate::services::recorded(&rescue_config::resolve(None, |_| None, &[]).unwrap().config, &BTreeMap::new())
            .unwrap()
    }

    fn absent(kind: AbsenceKind) -> QuestionOutcome {
        Err(Absence { kind, service: "clip".into(), why: "503".into() })
    }

    fn stored(key: Key) -> QuestionOutcome {
        Ok(Arc::new(StoredAnswer { key, answer: json!(1), digest: blake3::hash(b"1") }))
    }

    #[test]
    fn a_service_that_answers_nothing_ends_the_run_by_its_name() {
        let (answers, keys) = asked_of(&[QuestionKind::Clip, QuestionKind::Clip, QuestionKind::Segment]);
        let outcomes = |two: [QuestionOutcome; 2]| keys.iter().copied().zip(two).collect::<BTreeMap<_, _>>();
        let both = outcomes([absent(AbsenceKind::Failed), absent(AbsenceKind::Rejected)]);
        let error = check_services(&services(), &answers, &both).unwrap_err().to_string();
        assert!(error.starts_with("clip: none of 2 questions was answered. 503"), "{error}");
        assert!(
            check_services(&services(), &answers, &outcomes([absent(AbsenceKind::Failed), stored(keys[1])])).is_ok()
        );
        // A deadline says nothing of the service.
        assert!(
            check_services(&services(), &answers, &outcomes([absent(AbsenceKind::Cut), absent(AbsenceKind::Cut)]))
                .is_ok()
        );
    }

    #[test]
    fn an_answer_from_before_counts() {
        let (mut answers, keys) = asked_of(&[QuestionKind::Clip, QuestionKind::Clip]);
        answers.insert(keys[1], stored(keys[1]));
        assert!(
            check_services(&services(), &answers, &BTreeMap::from([(keys[0], absent(AbsenceKind::Failed))])).is_ok()
        );
    }

    #[test]
    fn no_seconds_are_no_deadline() {
        assert!(deadline(0.0).is_none() && deadline(-1.0).is_none() && deadline(f64::NAN).is_none());
        assert!(deadline(60.0).unwrap() > Instant::now());
    }
}
