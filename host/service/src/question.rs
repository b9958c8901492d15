//! What is asked of a model: the semantic question, by whose hash its answer is known.
//!
//! A question holds everything that its answer depends on, besides chance, and nothing else: not who asks, not where, not when.
//! Every field of these types is part of the key. [`FORM`] and the versions in the operations' names change when their meaning does;
//! `tests/keys.rs` holds keys of every form that there was.

use rescue_core::{Digest, Photo, Prompt, Size};
use rescue_ledger::Key;
use rescue_picture::Recipe;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::canonical;
use crate::{ModelId, ServiceError};

/// The version of the form of keys.
pub const FORM: u32 = 1;

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The rules of the conversation.
    System,
    /// The one who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Text.
    Text(String),
    /// A picture, known by how it is made.
    Picture(Recipe),
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// What form the answer must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Any text.
    Free,
    /// One of these.
    Choice(Vec<String>),
    /// JSON that fits this schema.
    Json(Value),
    /// Places in the first picture.
    Boxes,
}

/// How a model draws its answer. Servers fill in what is left out from files of the model, so nothing is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 to 2.
    pub temperature: f64,
    /// 0 to 1; 1 is off.
    pub top_p: f64,
    /// -1 is off.
    pub top_k: i64,
    /// 0 is off.
    pub min_p: f64,
    /// 1 is off.
    pub repetition_penalty: f64,
    /// 0 is off.
    pub presence_penalty: f64,
    /// 0 is off.
    pub frequency_penalty: f64,
    /// The longest reply, in tokens.
    pub max_tokens: u32,
    /// Whether the probabilities of tokens are asked for.
    pub logprobs: bool,
}

/// A question to a vision-language model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatQuestion {
    /// The conversation.
    pub messages: Vec<Message>,
    /// The form of the answer.
    pub shape: Shape,
    /// How the answer is drawn.
    pub sampling: Sampling,
    /// Whether the model is kept from thinking.
    pub thinking_off: bool,
}

impl ChatQuestion {
    /// The recipes of its pictures, in order.
    pub fn pictures(&self) -> impl Iterator<Item = &Recipe> {
        let parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.filter_map(|part| if let Part::Picture(recipe) = part { Some(recipe) } else { None })
    }
}

/// A photo as questions name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PhotoId {
    /// SHA-256 of its file.
    pub sha256: Digest,
    /// Its size as it is seen.
    pub size: Size,
}

impl From<&Photo> for PhotoId {
    fn from(photo: &Photo) -> Self {
        Self { sha256: photo.digest(), size: photo.size() }
    }
}

/// A question to an executor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentQuestion<'a> {
    /// In which photo.
    pub photo: PhotoId,
    /// What to segment.
    pub prompt: &'a Prompt,
    /// What of the executor's settings the answer depends on.
    pub terms: &'a Value,
}

/// A question to a detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetectQuestion<'a> {
    /// In which photo.
    pub photo: PhotoId,
    /// What to find.
    pub phrase: &'a str,
    /// What of the detector's settings the answer depends on.
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

/// What kind of question it is, and the version of its meaning.
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
    /// Its name in keys and in the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat/1",
            Self::Segment => "segment/1",
            Self::Detect => "detect/1",
            Self::Clip => "clip/1",
        }
    }
}

/// Which of several draws of the same question. Other kinds of questions are asked once: (0, 0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// The repeat of the match that asks.
    #[serde(rename = "match")]
    pub of_match: u32,
    /// The repeat of the question in it.
    #[serde(rename = "question")]
    pub of_question: u32,
}

/// A question's key, and the text that it is the hash of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// BLAKE3 of the text.
    pub key: Key,
    /// The question as canonical JSON.
    pub text: String,
}

#[derive(Serialize)]
struct Whole<'a, Q> {
    form: u32,
    operation: &'static str,
    model: &'a ModelId,
    question: &'a Q,
    repeat: Repeat,
}

/// The key of a question put to a model.
///
/// # Errors
///
/// A question that cannot be written is a mistake of the host.
pub fn asked(
    operation: Operation,
    model: &ModelId,
    question: &impl Serialize,
    repeat: Repeat,
) -> Result<Asked, ServiceError> {
    let whole = Whole { form: FORM, operation: operation.name(), model, question, repeat };
    let text = canonical(&whole).map_err(|error| ServiceError::bug(operation.name(), error.to_string()))?;
    Ok(Asked { key: Key::of(text.as_bytes()), text })
}
