//! Poses questions: turns what sessions request into questions with keys, and into calls. Nothing here asks, waits or reads the ledger.

use std::sync::Arc;

use rescue_core::Photo;
use rescue_ledger::Key;
use rescue_plugin::border::rescue::plugin::chat::{Body, Failure, Request as PluginRequest};
use rescue_plugin::{Kind, Sample as SampleView};
use rescue_service::Asked;

use super::read::Reader;
use super::{QuestionKind, unsupported};
use crate::error::RunError;
use crate::exchange::{Call, Request, Turn};
use crate::pictures::PictureCache;
use crate::services::{ServiceName, Services};

/// What the questions of one sample are made from.
pub(crate) struct Poser<'a> {
    pub(crate) services: &'a Services,
    pub(crate) photo: Arc<Photo>,
    /// The masks and reasonings that plugins refer to by candidate.
    pub(crate) sample: Arc<SampleView>,
    pub(crate) pictures: Arc<PictureCache>,
    /// When the sample's requests get free slots.
    pub(crate) turn: Turn,
    /// Tells answers at a temperature above 0 from those of searches with other seeds.
    pub(crate) seed: u64,
}

/// Calls, and the answers that a session waits for.
#[derive(Default)]
pub(super) struct Posed {
    /// Each with the kind of its questions, and the number of masks in the pictures of one.
    pub(super) calls: Vec<(QuestionKind, u32, Call)>,
    pub(super) owed: Vec<Owed>,
}

/// An answer that a session is owed.
pub(crate) struct Owed {
    /// The request's id.
    pub(super) id: u32,
    pub(super) repeat: u32,
    /// The question and how its answer is read, or why none is asked.
    pub(super) question: Result<(Key, Arc<Reader>), Failure>,
}

impl Owed {
    /// The key of the question. `None` if none is asked.
    pub(crate) fn key(&self) -> Option<Key> {
        self.question.as_ref().ok().map(|(key, _)| *key)
    }
}

impl Posed {
    /// Owes the same for every repeat of a request.
    pub(super) fn owe(&mut self, request: &PluginRequest, question: &Result<(Key, Arc<Reader>), Failure>) {
        for draw in 0..request.samples {
            let repeat = request.repeat.saturating_add(draw);
            self.owed.push(Owed { id: request.id, repeat, question: question.clone() });
        }
    }

    /// Owes the same failure for every repeat of a request; nothing is asked.
    pub(super) fn refuse(&mut self, request: &PluginRequest, failure: Failure) {
        self.owe(request, &Err(failure));
    }
}

impl Poser<'_> {
    /// The questions of a session's requests, in their order.
    pub(super) fn pose(&self, kind: Kind, match_repeat: u32, requests: &[PluginRequest]) -> Result<Posed, RunError> {
        let mut posed = Posed::default();
        for request in requests {
            match &request.body {
                Body::Chat(question) => self.pose_chat(&mut posed, kind, match_repeat, request, question)?,
                Body::Detect(phrase) => self.pose_detect(&mut posed, request, phrase)?,
                Body::Call((name, _)) => {
                    let name: String = name.chars().take(64).collect();
                    posed.refuse(request, unsupported(&format!("this host has no capability {name:?}")));
                }
            }
        }
        Ok(posed)
    }

    /// A call of these questions. All requests about one photo prefer one replica: it has seen the photo already.
    pub(super) fn call(&self, service: ServiceName, questions: Vec<Asked>, request: Request) -> Call {
        Call { service, affinity: *self.photo.digest().bytes(), turn: self.turn, questions, request }
    }
}
