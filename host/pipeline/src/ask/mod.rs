//! Asks the questions of one sample: poses them ([`pose`]), has them answered ([`AnswerSource`]), and reads the answers into what
//! plugins are told.

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

use std::sync::Arc;

use rescue_core::Photo;
use rescue_ledger::Key;
use rescue_plugin::border::rescue::plugin::chat::{Answer, Failure, Request, Trouble};
use rescue_plugin::{Kind, Sample as SampleView};
use rescue_service::{Asked, ModelId, Operation, Repeat};
use serde::Serialize;

use self::pose::{OwedAnswer, Posed, Poser};
use crate::error::RunError;
use crate::exchange::ExchangeError;
use crate::pictures::PictureCache;
use crate::progress::Progress;
use crate::services::Services;

pub use self::readings::{Readings, UnreadableReply};
pub use self::sample_answers::Questions;

pub(crate) use self::pose::Batch;
pub(crate) use self::sample_answers::{OpenCall, QuestionKind, QuestionOutcome, SampleAnswers};

/// Answers questions: in a run by the exchange, in tests without one.
pub(crate) trait AnswerSource {
    /// The outcome of every open question of these calls, by key. `answers` holds the outcomes before these.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot go on.
    fn settle(
        &self,
        calls: Vec<OpenCall>,
        answers: &SampleAnswers,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<(Key, QuestionOutcome)>, RunError>;
}

/// The requests of one session that are asked together.
pub(crate) struct SessionRequests {
    /// The kind of the plugin that asks.
    pub(crate) kind: Kind,
    /// The repeat of the match that the session judges; 0 for other kinds.
    pub(crate) match_repeat: u32,
    pub(crate) requests: Vec<Request>,
}

/// The answers to one session's requests.
#[derive(Default)]
pub(crate) struct SessionAnswers {
    pub(crate) answers: Vec<Answer>,
    /// The first of its questions that has no answer in this run: the service, and why. `None` if all have one.
    pub(crate) absent: Option<String>,
}

/// Asks the questions of one sample.
pub(crate) struct Asker<'a> {
    poser: Poser<'a>,
    source: &'a dyn AnswerSource,
    answers: SampleAnswers,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(
        services: &'a Services,
        photo: Arc<Photo>,
        sample: Arc<SampleView>,
        source: &'a dyn AnswerSource,
        answers: SampleAnswers,
        order: u64,
    ) -> Self {
        let pictures = Arc::new(PictureCache::new(photo.clone()));
        Self { poser: Poser { services, photo, sample, pictures, order }, source, answers }
    }

    /// Everything that was asked and answered so far.
    pub(crate) fn answers_so_far(&self) -> &SampleAnswers {
        &self.answers
    }

    /// The answers to each session's requests, in the order asked, one for each repeat. All questions are under way at once.
    pub(crate) fn answers(
        &mut self,
        sessions: &[SessionRequests],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<SessionAnswers>, RunError> {
        let Posed { kinds, readers, batches, owed } = self.poser.pose(sessions)?;
        progress(Progress::Asking(kinds.len()));
        let outcomes = self.settle(batches, &kinds, progress)?;
        let mut answered: Vec<SessionAnswers> = sessions.iter().map(|_| SessionAnswers::default()).collect();
        for OwedAnswer { session, id, repeat, question } in owed {
            let Some(of_session) = answered.get_mut(session) else { continue };
            let outcome = question.and_then(|place| match (outcomes.get(place), readers.get(place)) {
                (Some(Ok(stored)), Some(reader)) => {
                    let outcome = reader.read(&stored.answer);
                    if let Some((service, read)) = reader.reading(&stored.answer, &outcome) {
                        self.answers.note_reading(service, stored.key, read);
                    }
                    outcome
                }
                (Some(Err(absence)), _) => {
                    of_session.absent.get_or_insert_with(|| format!("{}: {}", absence.service, absence.why));
                    Err(unavailable(&absence.why))
                }
                _ => Err(unavailable("it was not asked")),
            });
            of_session.answers.push(Answer { id, repeat, outcome });
        }
        Ok(answered)
    }

    /// The outcome of each question, by its place. A question that this sample has put before keeps its outcome.
    fn settle(
        &mut self,
        batches: Vec<Batch>,
        kinds: &[QuestionKind],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<QuestionOutcome>, RunError> {
        let (keys, calls) = self.answers.open(batches, kinds);
        let open: usize = calls.iter().map(|call| call.open.len()).sum();
        if open < kinds.len() {
            progress(Progress::Answered(kinds.len() - open));
        }
        for (key, outcome) in self.source.settle(calls, &self.answers, progress)? {
            self.answers.insert(key, outcome);
        }
        Ok(keys.into_iter().map(|key| self.answers.outcome(key)).collect())
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
