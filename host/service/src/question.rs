//! The questions put to models, and their keys in the ledger.
//!
//! A question holds everything that its answer depends on, apart from chance, and nothing else: not which plugin asks, not which
//! server answers, not when. Every field of these types is part of the key. [`FORM`], or the version in an operation's name, changes
//! whenever their meaning changes; `tests/keys.rs` holds keys of every form so far.

use rescue_core::{Digest, Photo, Prompt, Size};
use rescue_ledger::Key;
use rescue_picture::Recipe;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::canonical;
use crate::{ModelId, ServiceError};

/// The version of the format of keys.
pub const FORM: u32 = 1;

/// The sender of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The system prompt.
    System,
    /// The user, who asks.
    User,
    /// The model, in an earlier message.
    Assistant,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Text.
    Text(String),
    /// A picture, identified by the recipe that draws it.
    Picture(Recipe),
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// The sender.
    pub role: Role,
    /// The content, in order.
    pub parts: Vec<Part>,
}

/// The required form of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Any text.
    Free,
    /// One of these options.
    Choice(Vec<String>),
    /// JSON that conforms to this schema.
    Json(Value),
    /// Bounding boxes in the first picture.
    Boxes,
}

impl Shape {
    /// The shape of a request that does not hold the model to it.
    #[must_use]
    pub fn unstructured(self) -> Self {
        match self {
            Self::Choice(_) | Self::Json(_) => Self::Free,
            other => other,
        }
    }
}

/// The sampling parameters of an answer. All are always sent, as servers take a missing one from the model's own files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Temperature, 0 to 2.
    pub temperature: f64,
    /// Nucleus sampling, 0 to 1; 1 turns it off.
    pub top_p: f64,
    /// Sampling from the k most likely tokens; -1 turns it off.
    pub top_k: i64,
    /// The least probability of a token, relative to the likeliest; 0 turns it off.
    pub min_p: f64,
    /// Repetition penalty; 1 turns it off.
    pub repetition_penalty: f64,
    /// Presence penalty; 0 turns it off.
    pub presence_penalty: f64,
    /// Frequency penalty; 0 turns it off.
    pub frequency_penalty: f64,
    /// The most tokens of a reply.
    pub max_tokens: u32,
    /// Whether to request the log-probabilities of tokens.
    pub logprobs: bool,
}

/// A question to a vision-language model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatQuestion {
    /// The conversation.
    pub messages: Vec<Message>,
    /// The form of the answer.
    pub shape: Shape,
    /// The sampling parameters.
    pub sampling: Sampling,
    /// Whether the model's thinking is turned off.
    pub thinking_off: bool,
}

impl ChatQuestion {
    /// The messages without those of the system, whose texts stand before the first message of the user, a blank line after each.
    pub(crate) fn without_system_messages(&self) -> Vec<Message> {
        let (system, mut others): (Vec<Message>, Vec<Message>) =
            self.messages.iter().cloned().partition(|message| message.role == Role::System);
        let parts: Vec<Part> = system
            .into_iter()
            .flat_map(|message| message.parts)
            .map(|part| match part {
                Part::Text(text) => Part::Text(format!("{text}\n\n")),
                picture => picture,
            })
            .collect();
        match others.iter_mut().find(|message| message.role == Role::User) {
            Some(user) => drop(user.parts.splice(0..0, parts)),
            None => others.insert(0, Message { role: Role::User, parts }),
        }
        others
    }

    /// The recipes of the pictures in all messages, in order.
    pub fn pictures(&self) -> impl Iterator<Item = &Recipe> {
        let parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.filter_map(|part| if let Part::Picture(recipe) = part { Some(recipe) } else { None })
    }
}

/// The identity of a photo in questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PhotoId {
    /// SHA-256 of the photo's file.
    pub sha256: Digest,
    /// The photo's size in pixels, after its orientation was applied.
    pub size: Size,
    /// The grey value of the ground over which transparent parts are shown. `None` if nothing is transparent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<u8>,
}

impl From<&Photo> for PhotoId {
    fn from(photo: &Photo) -> Self {
        Self { sha256: photo.digest(), size: photo.size(), ground: photo.ground() }
    }
}

/// A question to an executor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentQuestion<'a> {
    /// The photo.
    pub photo: PhotoId,
    /// The prompt that says what to segment.
    pub prompt: &'a Prompt,
    /// The executor's settings that the answer depends on: `executor_terms`, or null for the embedded executor.
    pub terms: &'a Value,
}

/// A question to a detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetectQuestion<'a> {
    /// The photo.
    pub photo: PhotoId,
    /// The phrase that says what to find.
    pub phrase: &'a str,
    /// The detector's settings that the answer depends on: the terms of the executor that it uses, or null for the embedded
    /// detector.
    pub terms: &'a Value,
}

/// A question to an image-text model: how well a picture fits a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClipQuestion<'a> {
    /// The picture.
    pub picture: &'a Recipe,
    /// The text.
    pub text: &'a str,
}

/// The kind of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// [`ChatQuestion`].
    Chat,
    /// [`SegmentQuestion`].
    Segment,
    /// [`DetectQuestion`].
    Detect,
    /// [`ClipQuestion`].
    Clip,
}

impl Operation {
    /// The name in keys and in the ledger, with the version of the operation's meaning.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat/1",
            Self::Segment => "segment/1",
            Self::Detect => "detect/1",
            Self::Clip => "clip/1",
        }
    }
}

/// The number of a draw among several draws of the same question. It is (0, 0, 0) for questions that are asked only once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// The repeat of the match that the question belongs to.
    #[serde(rename = "match")]
    pub of_match: u32,
    /// The repeat of the question within its match.
    #[serde(rename = "question")]
    pub of_question: u32,
    /// The seed of the run, for answers at a temperature above 0: runs with other seeds draw others.
    #[serde(rename = "run", skip_serializing_if = "is_zero")]
    pub of_run: u64,
}

fn is_zero(of_run: &u64) -> bool {
    *of_run == 0
}

/// A question's key and the text whose hash it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// BLAKE3 of the text.
    pub key: Key,
    /// The question with its operation, model and repeat, as canonical JSON.
    pub text: String,
}

#[derive(Serialize)]
struct KeyFields<'a, Q> {
    form: u32,
    operation: &'static str,
    model: &'a ModelId,
    question: &'a Q,
    repeat: Repeat,
}

/// Returns the key and text of a question put to a model.
///
/// # Errors
///
/// Fails if the question cannot be written as JSON, which is a bug of the host.
pub fn asked(
    operation: Operation,
    model: &ModelId,
    question: &impl Serialize,
    repeat: Repeat,
) -> Result<Asked, ServiceError> {
    let fields = KeyFields { form: FORM, operation: operation.name(), model, question, repeat };
    let text = canonical(&fields).map_err(|error| ServiceError::bug(operation.name(), error.to_string()))?;
    Ok(Asked { key: Key::of(text.as_bytes()), text })
}
