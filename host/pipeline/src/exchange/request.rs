//! What is sent to a service: plain data, so that whoever poses a question needs neither a client nor a connection.

use std::sync::Arc;

use rescue_core::{Photo, Prompt};
use rescue_picture::View;
use rescue_service::{Asked, ChatQuestion, Source};
use serde_json::Value;

use super::slots::Turn;
use crate::pictures::PictureCache;
use crate::services::ServiceName;

/// An answer that a service has just given.
pub(crate) struct NewAnswer {
    pub(crate) answer: Value,
    pub(crate) source: Source,
}

/// Questions that can go into one request.
pub(crate) struct Call {
    /// The service that is asked.
    pub(crate) service: ServiceName,
    /// Requests with the same affinity go to the same replica while that has a free slot.
    pub(crate) affinity: [u8; 32],
    /// When it gets free slots.
    pub(crate) turn: Turn,
    /// The questions, with their keys. A question's place in this list is how the rest of the module names it.
    pub(crate) questions: Vec<Asked>,
    /// What is sent for them.
    pub(crate) request: Request,
}

/// The content of a request. Each variant can be sent for some of its call's questions only, named by their places.
pub(crate) enum Request {
    /// Draws of one question in words.
    Chat(ChatRequest),
    /// One phrase for the detector.
    Detect { photo: Arc<Photo>, phrase: String },
    /// Prompts for the executor, one for each question.
    Segment { photo: Arc<Photo>, prompts: Vec<Prompt> },
    /// Cut-outs to compare with a text, one for each question.
    Clip { pictures: Arc<PictureCache>, views: Vec<View>, text: String },
    #[cfg(test)]
    Scripted(Script),
}

/// Draws of one question in words.
pub(crate) struct ChatRequest {
    pub(crate) question: Arc<ChatQuestion>,
    /// The views of each picture, in the order of the question's pictures.
    pub(crate) views: Arc<Vec<Vec<View>>>,
    pub(crate) pictures: Arc<PictureCache>,
    /// The server's seed for each draw. `None` sends none.
    pub(crate) seeds: Vec<Option<u32>>,
}

/// Answers of a test, given the replica and the places that are asked for, and how long they take.
#[cfg(test)]
pub(crate) type Script = Box<
    dyn Fn(usize, &[usize]) -> (std::time::Duration, Result<rescue_service::Items<Value>, rescue_service::AskError>)
        + Send
        + Sync,
>;

impl Call {
    /// Whether the questions are draws of one question, each of which takes a slot of its own.
    pub(super) fn is_draws(&self) -> bool {
        match &self.request {
            Request::Chat(_) => true,
            Request::Detect { .. } | Request::Segment { .. } | Request::Clip { .. } => false,
            #[cfg(test)]
            Request::Scripted(_) => self.service == ServiceName::Verifier,
        }
    }
}
