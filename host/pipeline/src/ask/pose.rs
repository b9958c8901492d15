//! Poses questions: turns what sessions request into questions with keys, and into calls. Nothing here asks, waits or reads the ledger.

use std::sync::Arc;

use rescue_core::Photo;
use rescue_plugin::Sample as SampleView;
use rescue_plugin::border::rescue::plugin::chat::{Body, Failure, Request as PluginRequest};

use super::read::Reader;
use super::{QuestionKind, SessionRequests, unsupported};
use crate::error::RunError;
use crate::exchange::Call;
use crate::pictures::PictureCache;
use crate::services::Services;

/// What the questions of one sample are made from.
pub(crate) struct Poser<'a> {
    pub(super) services: &'a Services,
    pub(super) photo: Arc<Photo>,
    /// The masks and reasonings that plugins refer to by candidate.
    pub(super) sample: Arc<SampleView>,
    pub(super) pictures: Arc<PictureCache>,
    /// The sample's number in the run. Requests of lower numbers get free slots first.
    pub(super) order: u64,
}

/// Where a question stands in [`Posed::kinds`].
pub(super) type Place = usize;

/// Questions, the calls that ask them, and the answers that sessions wait for.
#[derive(Default)]
pub(super) struct Posed {
    /// The kind of each question.
    pub(super) kinds: Vec<QuestionKind>,
    /// How the answer to each question of a session is read. The host's own questions have none.
    pub(super) readers: Vec<Reader>,
    pub(super) batches: Vec<Batch>,
    pub(super) owed: Vec<OwedAnswer>,
}

/// A call, and the place of each of its questions.
pub(crate) struct Batch {
    pub(crate) call: Call,
    pub(crate) places: Vec<Place>,
}

/// An answer that a session is owed.
pub(super) struct OwedAnswer {
    /// The session's index.
    pub(super) session: usize,
    /// The request's id.
    pub(super) id: u32,
    pub(super) repeat: u32,
    /// The place of the question, or why none is asked.
    pub(super) question: Result<Place, Failure>,
}

impl Posed {
    /// Adds a session's question; returns its place.
    pub(super) fn add_question(&mut self, kind: QuestionKind, reader: Reader) -> Place {
        self.kinds.push(kind);
        self.readers.push(reader);
        self.kinds.len() - 1
    }

    /// Adds a call of the host's own, whose questions are all of one kind.
    pub(super) fn add_batch(&mut self, kind: QuestionKind, call: Call) {
        let first = self.kinds.len();
        self.kinds.resize(first + call.questions.len(), kind);
        self.batches.push(Batch { places: (first..self.kinds.len()).collect(), call });
    }

    /// Owes the same failure for every repeat of a request; nothing is asked.
    pub(super) fn refuse(&mut self, session: usize, request: &PluginRequest, failure: &Failure) {
        for draw in 0..request.samples {
            let repeat = request.repeat.saturating_add(draw);
            self.owed.push(OwedAnswer { session, id: request.id, repeat, question: Err(failure.clone()) });
        }
    }
}

impl Poser<'_> {
    /// The questions of all requests, in the order of sessions and requests.
    pub(super) fn pose(&self, sessions: &[SessionRequests]) -> Result<Posed, RunError> {
        let mut posed = Posed::default();
        for (session, SessionRequests { kind, match_repeat, requests }) in sessions.iter().enumerate() {
            for request in requests {
                match &request.body {
                    Body::Chat(question) => {
                        self.pose_chat(&mut posed, session, *kind, *match_repeat, request, question)?;
                    }
                    Body::Detect(phrase) => self.pose_detect(&mut posed, session, request, phrase)?,
                    Body::Call((name, _)) => {
                        let name: String = name.chars().take(64).collect();
                        let failure = unsupported(&format!("this host has no capability {name:?}"));
                        posed.refuse(session, request, &failure);
                    }
                }
            }
        }
        Ok(posed)
    }

    /// All requests about one photo prefer one replica: it has seen the photo already.
    pub(super) fn affinity(&self) -> [u8; 32] {
        *self.photo.digest().bytes()
    }
}
