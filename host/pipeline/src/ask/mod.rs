//! Asks the questions of one sample: poses them ([`pose`]), hands them out as calls, takes in their outcomes, and reads the answers into
//! what plugins are told. Nothing here waits.

mod batches;
mod cost;
mod detect;
mod pose;
mod pose_chat;
mod read;
mod readings;
mod sample_answers;
mod segment;
mod similarity;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rescue_ledger::Key;
use rescue_plugin::Kind;
use rescue_plugin::border::rescue::plugin::chat::{Answer, Failure, Request, Trouble};
use rescue_service::{Asked, ModelId, Operation, Repeat};
use serde::Serialize;

use self::batches::Batches;
use crate::error::RunError;
use crate::exchange::ExchangeError;
use crate::progress::Progress;

pub use self::cost::{Cost, Questions};
pub use self::readings::{Readings, UnreadableReply};

pub(crate) use self::pose::{Owed, Poser};
pub(crate) use self::sample_answers::{OpenCall, QuestionKind, QuestionOutcome, SampleAnswers};

/// Answers questions: in a run by the exchange, in tests without one.
pub(crate) trait AnswerSource {
    /// Begins to ask the open questions of a call.
    fn begin(&mut self, call: OpenCall);

    /// The outcomes of those open questions of a call that are known without asking anyone.
    fn look_up(&mut self, call: &OpenCall) -> Result<Vec<(Key, QuestionOutcome)>, RunError>;

    /// Waits for the next outcomes of questions that were begun.
    fn wait(&mut self, progress: &mut dyn FnMut(Progress)) -> Waited;

    /// Waits no longer for the outcomes of these questions, all of which were begun as speculative ones.
    fn withdraw(&mut self, keys: &BTreeSet<Key>);

    /// Waits no longer for anything.
    fn withdraw_all(&mut self);
}

/// What came of waiting for answers.
#[derive(Default)]
pub(crate) struct Waited {
    /// Outcomes, by key. If there are none and no error, nothing is under way.
    pub(crate) outcomes: Vec<(Key, QuestionOutcome)>,
    /// Why the run cannot go on. What was under way has ended then. `None` if it can.
    pub(crate) error: Option<RunError>,
}

/// An answer, and the service that did not give one.
pub(crate) struct Told {
    pub(crate) answer: Answer,
    /// If the question has no answer in this run: the service, and why.
    pub(crate) absent: Option<String>,
}

/// Asks the questions of one sample.
pub(crate) struct Asker<'a> {
    poser: Poser<'a>,
    answers: SampleAnswers,
    batches: Batches,
    /// Calls that were not handed out yet.
    calls: Vec<OpenCall>,
    withdrawn: BTreeSet<Key>,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(poser: Poser<'a>, query: &str, answers: SampleAnswers) -> Self {
        let batches = Batches::new(poser.services, query);
        Self { poser, answers, batches, calls: Vec::new(), withdrawn: BTreeSet::new() }
    }

    /// Everything that was asked and answered so far.
    pub(crate) fn answers_so_far(&self) -> &SampleAnswers {
        &self.answers
    }

    /// Poses the requests of a session. `match_repeat` is the repeat of the match that it judges; 0 for other sessions. Returns the
    /// answers that the session is owed: one for each repeat, in the order asked.
    pub(crate) fn ask(&mut self, kind: Kind, match_repeat: u32, requests: &[Request]) -> Result<Vec<Owed>, RunError> {
        self.ask_in_turn(kind, match_repeat, requests, false)
    }

    /// As [`Asker::ask`], for questions whose answers may not be needed.
    pub(crate) fn ask_early(
        &mut self,
        kind: Kind,
        match_repeat: u32,
        requests: &[Request],
    ) -> Result<Vec<Owed>, RunError> {
        self.ask_in_turn(kind, match_repeat, requests, true)
    }

    fn ask_in_turn(
        &mut self,
        kind: Kind,
        match_repeat: u32,
        requests: &[Request],
        speculative: bool,
    ) -> Result<Vec<Owed>, RunError> {
        let posed = self.poser.pose(kind, match_repeat, requests)?;
        for (kind, masks, mut call) in posed.calls {
            call.turn.speculative = speculative;
            if let Some(open) = self.answers.open(kind, masks, call) {
                // A right guess is needed now: what was withdrawn at this moment goes on.
                for (_, key) in &open.open {
                    self.withdrawn.remove(key);
                }
                self.calls.push(open);
            }
        }
        Ok(posed.owed)
    }

    /// Waits no longer for these questions, unless someone needs them.
    pub(crate) fn withdraw(&mut self, mut keys: BTreeSet<Key>) {
        keys.retain(|key| self.answers.withdraw(*key));
        // Some may not have been handed out yet.
        for call in &mut self.calls {
            call.open.retain(|(_, key)| !keys.remove(key));
        }
        self.calls.retain(|call| !call.open.is_empty());
        self.withdrawn.extend(keys);
    }

    /// Takes the questions that nobody waits for any more.
    pub(crate) fn take_withdrawn(&mut self) -> BTreeSet<Key> {
        std::mem::take(&mut self.withdrawn)
    }

    /// Takes the calls that are to be sent now. `more`: whether further prompts or cut-outs may come soon that could go with the last ones.
    pub(crate) fn take_calls(&mut self, more: bool) -> Vec<OpenCall> {
        let mut calls = std::mem::take(&mut self.calls);
        self.batches.take(more, &self.poser, &mut calls);
        calls
    }

    /// Takes in the outcome of a question.
    pub(crate) fn tell(&mut self, key: Key, outcome: QuestionOutcome) {
        self.batches.ended(key);
        self.answers.insert(key, outcome);
    }

    /// Whether a question is under way whose answer is needed.
    pub(crate) fn is_needed(&self, key: Key) -> bool {
        self.answers.is_needed(key)
    }

    /// Whether a question has an answer, or is known to have none.
    pub(crate) fn has_outcome(&self, key: Key) -> bool {
        self.answers.has_outcome(key)
    }

    /// Whether the answer that a session is owed is there, or known to be absent.
    pub(crate) fn is_there(&self, owed: &Owed) -> bool {
        owed.question.as_ref().map_or(true, |(key, _)| self.answers.has_outcome(*key))
    }

    /// The answer that a session is owed. One that is not there is told as absent.
    pub(crate) fn answer(&mut self, owed: Owed) -> Told {
        let Owed { id, repeat, question } = owed;
        let (key, reader) = match question {
            Ok(question) => question,
            Err(failure) => return Told { answer: Answer { id, repeat, outcome: Err(failure) }, absent: None },
        };
        let (outcome, absent) = match self.answers.outcome(key) {
            Ok(stored) => {
                let outcome = reader.read(&stored.answer);
                if let Some((service, read)) = reader.reading(&stored.answer, &outcome) {
                    self.answers.note_reading(service, stored.key, read);
                }
                (outcome, None)
            }
            Err(absence) => (Err(unavailable(&absence.why)), Some(format!("{}: {}", absence.service, absence.why))),
        };
        Told { answer: Answer { id, repeat, outcome }, absent }
    }

    /// Fails if a service has answered none of this sample's questions of one of these kinds: it does not work, and a result would rest on
    /// nothing. While questions of a kind are under way, nothing is known of it. `rejected`: whether questions count that it has rejected.
    pub(crate) fn check_services(&self, kinds: &[QuestionKind], rejected: bool) -> Result<(), RunError> {
        self.answers.check_services(kinds, rejected, self.poser.services)
    }
}

/// A question's key, and the text that the key is the hash of.
fn question_key(
    operation: Operation,
    model: &ModelId,
    question: &impl Serialize,
    repeat: Repeat,
) -> Result<Asked, RunError> {
    Ok(rescue_service::asked(operation, model, question, repeat).map_err(ExchangeError::from)?)
}

fn unsupported(message: &str) -> Failure {
    Failure { trouble: Trouble::Unsupported, message: message.into(), raw: String::new() }
}

fn unavailable(message: &str) -> Failure {
    Failure { trouble: Trouble::Unavailable, message: message.into(), raw: String::new() }
}
