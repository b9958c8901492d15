//! Reads a model's answer in words into what a plugin is told.

use std::sync::Arc;

use rescue_plugin::border::rescue::plugin::chat::{Failure, Found, Reply, Trouble};
use rescue_reply::{Frame, Said, Schema, Thinking, Unreadable, boxes, choice, json, said};
use serde_json::Value;

use super::unavailable;

/// The format that an answer must have.
pub(super) enum Form {
    Free,
    Choice(Vec<String>),
    Json(Box<Schema>),
    Boxes(Box<Frame>),
}

/// Reads the answers to one question.
pub(super) struct ChatReader {
    pub(super) form: Arc<Form>,
    pub(super) thinking: Thinking,
}

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
        if said.text.trim().is_empty() {
            let why = if said.complete { "the reply is empty" } else { "the reply was cut off before an answer" };
            return Err(unreadable(Unreadable { why: why.into() }));
        }
        let mut reply = plain(&said);
        match &*self.form {
            Form::Free => {}
            Form::Choice(options) => {
                let chosen = choice(&said, options).map_err(unreadable)?;
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
                reply.notes.extend(read.notes.into_iter().map(|note| ("boxes".to_owned(), note)));
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
pub(super) fn empty_reply() -> Reply {
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
