//! What a model is asked and what it answers, without HTTP.

use bytes::Bytes;
use rescue_core::{Digest, Seed};
use serde_json::{Value, json};

use super::record::{Note, Stats};
use crate::fault::{Fault, FaultPlan};

/// A request as a model sees it.
pub(crate) struct Call<'a> {
    /// Its path.
    pub(crate) path: &'a str,
    /// Its body.
    pub(crate) body: &'a Value,
    /// Of the body's bytes.
    pub(crate) digest: Digest,
    /// How often these bytes came before.
    pub(crate) attempt: u32,
    /// What goes wrong with the answer, where that is the model's to do.
    pub(crate) fault: Option<Fault>,
    /// What may go wrong at occasions of the model's own.
    pub(crate) faults: &'a FaultPlan,
    /// What draws depend on.
    pub(crate) seed: Seed,
    /// What was found out.
    pub(crate) notes: Vec<Note>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(body: &Value) -> Self {
        Self { status: 200, kind: "application/json", body: Bytes::from(body.to_string()) }
    }

    /// JSON that Python writes and others do not: `NaN` for every string `"NaN"`.
    pub(crate) fn python(body: &Value) -> Self {
        Self { body: Bytes::from(body.to_string().replace("\"NaN\"", "NaN")), ..Self::json(body) }
    }

    pub(crate) fn text(kind: &'static str, body: String) -> Self {
        Self { status: 200, kind, body: Bytes::from(body) }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// What tells servers of one kind from those of another.
pub(crate) trait Model: Send + Sync {
    /// Answers a GET; none for a path that there is not.
    fn get(&self, path: &str, stats: &Stats) -> Option<Answer>;

    /// Whether there is such a path to post to.
    fn has(&self, path: &str) -> bool;

    /// Answers a POST to a path that there is.
    fn post(&self, call: &mut Call<'_>) -> Answer;

    /// The form of its errors.
    fn error(&self, status: u16, message: &str) -> Answer;

    /// The beginning of an answer that never ends.
    fn endless(&self) -> &'static str;
}

/// An error as FastAPI writes it.
pub(crate) fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(&json!({ "detail": message })).status(status)
}

/// The value as an object; the error names it.
pub(crate) fn object_of<'a>(value: &'a Value, name: &str) -> Result<&'a serde_json::Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{name} is not an object"))
}

/// A field that has to be a text.
pub(crate) fn text_of<'a>(object: &'a Value, name: &str) -> Result<&'a str, String> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing or no text"))
}

/// Bytes out of base64, with or without the head of a `data:` URL.
pub(crate) fn picture_bytes(text: &str) -> Result<Vec<u8>, String> {
    let text = text.strip_prefix("data:").and_then(|url| url.split_once(";base64,")).map_or(text, |(_, data)| data);
    base64_simd::STANDARD.decode_to_vec(text).map_err(|_| "the picture is not base64".to_owned())
}
