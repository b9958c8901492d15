//! Reads the answers of models into what a plugin is told.

use rescue_core::Detection;
use rescue_plugin::border::rescue::plugin::chat::{Failure, Found, Reply, Trouble};
use rescue_reply::{BOX_2D_NOTE, Frame, Said, Schema, Thinking, Unreadable, boxes, choice, json, said};
use rescue_service::read_detected;
use serde_json::Value;

use super::readings::UnreadableReply;
use super::{unavailable, unsupported};
use crate::services::ServiceName;

/// How a stored answer is turned into what a plugin is told.
pub(super) enum Reader {
    Chat(ChatReader),
    Detect,
}

impl Reader {
    pub(super) fn read(&self, answer: &Value) -> Result<Reply, Failure> {
        match self {
            Self::Chat(reader) => reader.read(answer),
            Self::Detect => read_detection(answer),
        }
    }

    /// How `answer` was read: the reader's remarks, or the reply that it could not read. `None` if it is not a model's answer in words.
    pub(super) fn reading(
        &self,
        answer: &Value,
        outcome: &Result<Reply, Failure>,
    ) -> Option<(ServiceName, Result<Vec<String>, UnreadableReply>)> {
        let Self::Chat(reader) = self else { return None };
        let read = match outcome {
            Ok(reply) => {
                Ok(reply.notes.iter().filter(|(name, _)| name == DOUBTS).map(|(_, note)| note.clone()).collect())
            }
            Err(Failure { trouble: Trouble::Unreadable | Trouble::Refused, message, .. }) => {
                Err(UnreadableReply::new(reader.service, answer, reader.thinking, reader.max_tokens, message)?)
            }
            Err(_) => return None,
        };
        Some((reader.service, read))
    }
}

/// The format that an answer must have.
pub(super) enum Form {
    Free,
    Choice(Vec<String>),
    Json(Box<Schema>),
    Boxes(Box<Frame>),
}

/// Reads the answers to one question.
pub(super) struct ChatReader {
    /// The service that answers.
    pub(super) service: ServiceName,
    pub(super) form: Form,
    pub(super) thinking: Thinking,
    /// The longest reply that was asked for, in tokens.
    pub(super) max_tokens: u32,
}

/// The name of a reply's notes about what was left out of its boxes, or read in another way.
const BOXES: &str = "boxes";
/// The name of a reply's notes that say why its boxes may be in the wrong place.
const DOUBTS: &str = "doubt";

/// How much of an unreadable reply a plugin is shown, in bytes.
const RAW_BYTES: usize = 16 << 10;

impl ChatReader {
    pub(super) fn read(&self, answer: &Value) -> Result<Reply, Failure> {
        let said = said(answer, self.thinking)
            .map_err(|breach| unavailable(&format!("the ledger's answer cannot be taken apart: {breach}")))?;
        if let Some(why) = &said.refused {
            return Err(Failure { trouble: Trouble::Refused, message: short(why), raw: short(&said.text) });
        }
        let unreadable = |error: Unreadable| Failure {
            trouble: Trouble::Unreadable,
            message: error.why,
            raw: short(if said.text.is_empty() { &said.reasoning } else { &said.text }),
        };
        let mut reply = plain(&said);
        match &self.form {
            Form::Free => drop(rescue_reply::answer(&said).map_err(unreadable)?),
            Form::Choice(options) => {
                let chosen = choice(&said, options).map_err(unreadable)?;
                if reply.text.is_empty() {
                    // The choice stands where the thinking should be.
                    reply.text = std::mem::take(&mut reply.reasoning);
                }
                reply.choice = u32::try_from(chosen.index).ok();
                reply.weights = chosen.weights;
            }
            Form::Json(schema) => {
                let read = json(&said, schema).map_err(unreadable)?;
                reply.text = read.text;
                if read.repaired {
                    reply.notes.push(("repaired".into(), "true".into()));
                }
            }
            Form::Boxes(frame) => {
                let read = boxes(&said, frame).map_err(unreadable)?;
                let found = read.found.into_iter().map(|found| Found {
                    rect: found.rect.into(),
                    label: found.label,
                    score: found.score,
                });
                reply.boxes = found.collect();
                let name = |note: &str| if note == BOX_2D_NOTE { DOUBTS } else { BOXES }.to_owned();
                reply.notes.extend(read.notes.into_iter().map(|note| (name(&note), note)));
            }
        }
        Ok(reply)
    }
}

fn plain(said: &Said) -> Reply {
    let (text, reasoning) = (said.text.clone(), said.reasoning.clone());
    Reply { text, reasoning, complete: said.complete, ..empty_reply() }
}

/// A reply that says nothing.
fn empty_reply() -> Reply {
    Reply {
        text: String::new(),
        reasoning: String::new(),
        complete: false,
        choice: None,
        weights: Vec::new(),
        boxes: Vec::new(),
        notes: Vec::new(),
    }
}

/// The beginning of a text, cut at a character.
fn short(text: &str) -> String {
    let end = (0..=RAW_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

/// What a plugin is told of a detector's answer.
fn read_detection(answer: &Value) -> Result<Reply, Failure> {
    match read_detected(answer) {
        Ok(Ok(found)) => Ok(boxes_found(found)),
        Ok(Err(why)) => Err(unsupported(&why)),
        Err(error) => Err(unavailable(&format!("the ledger's answer is none of a detector: {error}"))),
    }
}

fn boxes_found(found: Vec<Detection>) -> Reply {
    let boxes =
        found.into_iter().map(|found| Found { rect: found.rect.into(), label: found.label, score: Some(found.score) });
    Reply { complete: true, boxes: boxes.collect(), ..empty_reply() }
}
