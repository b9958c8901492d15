//! Puts the questions of sessions to the exchange, and the answers into the border's form.
//!
//! Whatever one sample was told stands here: which answers it used, by key, and which it lacks. Both go into its record.

mod detect;
mod gallery;
mod pose;
mod read;
mod segment;
mod settle;
mod similarity;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rescue_core::Photo;
use rescue_ledger::Key;
use rescue_plugin::border::rescue::plugin::chat::{Answer, Body, Failure, Reply, Request, Trouble};
use rescue_plugin::{Kind, Sample};
use rescue_service::{Asked, Operation, ServiceError};
use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use self::gallery::Gallery;
use crate::error::RunError;
use crate::exchange::{Absence, Call, Exchange, ExchangeError, Known, deadline};
use crate::journal::Journal;
use crate::progress::Progress;

/// Different questions put to each service, whether their answers were known or not: what a strategy costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Questions {
    /// In words, to the planner's model.
    pub plan: u32,
    /// Phrases for the detector.
    pub detect: u32,
    /// Prompts for the executor.
    pub segment: u32,
    /// Cut-outs for the image-text model.
    pub clip: u32,
    /// In words, to the verifier's model.
    pub verify: u32,
}

impl Questions {
    /// All of them together.
    pub fn total(&self) -> u32 {
        let Self { plan, detect, segment, clip, verify } = self;
        [plan, detect, segment, clip, verify].into_iter().fold(0, |sum: u32, count| sum.saturating_add(*count))
    }
}

/// Questions of one session, asked together.
pub(crate) struct Group {
    /// Who asks.
    pub(crate) kind: Kind,
    /// The repeat of the match that it asks for.
    pub(crate) of_match: u32,
    pub(crate) requests: Vec<Request>,
}

/// What came of a group.
pub(crate) struct Answered {
    pub(crate) answers: Vec<Answer>,
    /// The first question of it that has no answer in this run.
    pub(crate) absent: Option<String>,
}

/// Asks for one sample.
pub(crate) struct Asker<'a> {
    exchange: &'a Arc<Exchange>,
    runtime: &'a Runtime,
    journal: &'a Journal,
    name: String,
    photo: Arc<Photo>,
    sample: Arc<Sample>,
    gallery: Arc<Gallery>,
    deadline: Option<tokio::time::Instant>,
    /// What was lacking before this run, and what is lacking now.
    absent: BTreeMap<Key, Absence>,
    /// What it was told.
    told: BTreeMap<Key, Arc<Known>>,
    asked: BTreeSet<(Service, Key)>,
    unreadable: u32,
}

/// Who was asked, for the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    Plan,
    Detect,
    Segment,
    Clip,
    Verify,
}

/// Where the questions of a call belong in what was asked.
type Place = usize;

/// A call, and which question each of its own is.
pub(crate) struct Batch {
    call: Call,
    places: Vec<Place>,
}

impl<'a> Asker<'a> {
    /// `name` tells this sample from others in the journal.
    pub(crate) fn new(
        exchange: &'a Arc<Exchange>,
        runtime: &'a Runtime,
        journal: &'a Journal,
        name: String,
        sample: &Arc<Sample>,
        photo: Arc<Photo>,
        seconds: f64,
    ) -> Self {
        let absent = journal.of(&name);
        Self {
            exchange,
            runtime,
            journal,
            name,
            sample: sample.clone(),
            gallery: Arc::new(Gallery::new(photo.clone())),
            photo,
            deadline: runtime.block_on(async { deadline(seconds) }),
            absent,
            told: BTreeMap::new(),
            asked: BTreeSet::new(),
            unreadable: 0,
        }
    }

    /// Different questions so far.
    pub(crate) fn questions(&self) -> Questions {
        let count = |of: Service| self.asked.iter().filter(|(service, _)| *service == of).count();
        let count = |of| u32::try_from(count(of)).unwrap_or(u32::MAX);
        Questions {
            plan: count(Service::Plan),
            detect: count(Service::Detect),
            segment: count(Service::Segment),
            clip: count(Service::Clip),
            verify: count(Service::Verify),
        }
    }

    /// Answers that did not fit their format.
    pub(crate) fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// What this sample lacks, of what it asked for.
    pub(crate) fn absences(&self) -> impl Iterator<Item = (Key, &Absence)> {
        let asked: BTreeSet<Key> = self.asked.iter().map(|(_, key)| *key).collect();
        self.absent.iter().filter(move |(key, _)| asked.contains(key)).map(|(key, absence)| (*key, absence))
    }

    /// BLAKE3 over the keys of all answers that were used, each with the digest of its answer, in the order of keys.
    pub(crate) fn digest(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for (key, known) in &self.told {
            hash.update(key.as_bytes());
            hash.update(known.digest.as_bytes());
        }
        hash.finalize().to_hex().to_string()
    }

    /// The answers to each group's requests, in the order asked, one for each repeat. All are under way at once.
    pub(crate) fn answers(
        &mut self,
        groups: &[Group],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Answered>, RunError> {
        let posed = self.pose(groups)?;
        let questions = posed.questions.len();
        progress(Progress::Asking(questions));
        let known = self.settle(posed.batches, questions, &posed.services, progress)?;
        let mut answered: Vec<Answered> =
            groups.iter().map(|_| Answered { answers: Vec::new(), absent: None }).collect();
        for slot in posed.slots {
            let outcome = match slot.question {
                Ok(place) => match known.get(place) {
                    Some(Ok(known)) => match posed.questions.get(place) {
                        Some(reader) => reader.read(&known.answer),
                        None => Err(unavailable("it was not asked")),
                    },
                    Some(Err(absence)) => {
                        if let Some(group) = answered.get_mut(slot.group) {
                            group.absent.get_or_insert_with(|| format!("{}: {}", absence.service, absence.why));
                        }
                        Err(unavailable(&absence.why))
                    }
                    None => Err(unavailable("it was not asked")),
                },
                Err(failure) => Err(failure),
            };
            if matches!(&outcome, Err(failure) if failure.trouble == Trouble::Unreadable) {
                self.unreadable = self.unreadable.saturating_add(1);
            }
            if let Some(group) = answered.get_mut(slot.group) {
                group.answers.push(Answer { id: slot.id, repeat: slot.repeat, outcome });
            }
        }
        Ok(answered)
    }

    /// A key, and the text it is the hash of.
    fn asked(
        operation: Operation,
        model: &rescue_service::ModelId,
        question: &impl Serialize,
        repeat: rescue_service::Repeat,
    ) -> Result<Asked, RunError> {
        Ok(rescue_service::asked(operation, model, question, repeat).map_err(ExchangeError::from)?)
    }

    fn affinity(&self) -> [u8; 32] {
        *self.photo.digest().bytes()
    }
}

/// One answer that is owed: to whom, and what it comes of.
struct Slot {
    group: usize,
    id: u32,
    repeat: u32,
    /// The place of its question, or why there is none.
    question: Result<Place, Failure>,
}

/// How an answer is read once it is there.
enum Reader {
    Chat(Box<read::ChatReader>),
    Detect,
}

impl Reader {
    fn read(&self, answer: &Value) -> Result<Reply, Failure> {
        match self {
            Self::Chat(reader) => reader.read(answer),
            Self::Detect => detect::read(answer),
        }
    }
}

/// Requests made into questions.
#[derive(Default)]
struct Posed {
    slots: Vec<Slot>,
    questions: Vec<Reader>,
    services: Vec<Service>,
    batches: Vec<Batch>,
}

impl Asker<'_> {
    fn pose(&self, groups: &[Group]) -> Result<Posed, RunError> {
        let mut posed = Posed::default();
        for (group, Group { kind, of_match, requests }) in groups.iter().enumerate() {
            for request in requests {
                match &request.body {
                    Body::Chat(question) => self.pose_chat(&mut posed, group, *kind, *of_match, request, question)?,
                    Body::Detect(phrase) => self.pose_detect(&mut posed, group, request, phrase)?,
                    Body::Call((name, _)) => {
                        let name: String = name.chars().take(64).collect();
                        refuse(
                            &mut posed,
                            group,
                            request,
                            &unsupported(&format!("this host has no capability {name:?}")),
                        );
                    }
                }
            }
        }
        Ok(posed)
    }
}

/// Every repeat of a request gets the same failure.
fn refuse(posed: &mut Posed, group: usize, request: &Request, failure: &Failure) {
    for draw in 0..request.samples {
        let repeat = request.repeat.saturating_add(draw);
        posed.slots.push(Slot { group, id: request.id, repeat, question: Err(failure.clone()) });
    }
}

fn unsupported(message: &str) -> Failure {
    Failure { trouble: Trouble::Unsupported, message: message.into(), raw: String::new() }
}

fn unavailable(message: &str) -> Failure {
    Failure { trouble: Trouble::Unavailable, message: message.into(), raw: String::new() }
}

/// Computes on a thread of its own: those that drive requests keep the time of all of them.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(ServiceError::failed("pictures", error.to_string(), "Please report it.")),
    }
}
