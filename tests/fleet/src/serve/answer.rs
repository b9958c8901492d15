//! Requests and answers as a simulated model gets and gives them, without HTTP.

use bytes::Bytes;
use rescue_core::{Digest, Seed};
use serde_json::{Value, json};

use super::record::{Note, Stats};
use crate::fault::{Fault, FaultPlan};

/// A POST request as a model gets it.
pub(crate) struct Call<'a> {
    /// The path of the request.
    pub(crate) path: &'a str,
    /// The body of the request.
    pub(crate) body: &'a Value,
    /// The digest of the body's bytes.
    pub(crate) digest: Digest,
    /// How often the same bytes came before.
    pub(crate) attempt: u32,
    /// The fault that was drawn for this request. The model applies it if it concerns the content of the answer.
    pub(crate) fault: Option<Fault>,
    /// The faults of the server, for those that the model draws itself.
    pub(crate) faults: &'a FaultPlan,
    /// The seed of draws.
    pub(crate) seed: Seed,
    /// What the model finds out about the request, for the statistics.
    pub(crate) notes: Vec<Note>,
}

/// An HTTP answer.
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

    /// An answer with JSON as Python writes it: every string `"NaN"` becomes a bare `NaN`.
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

/// What differs between the kinds of servers.
pub(crate) trait Model: Send + Sync {
    /// Answers a GET request. `None` if the server does not have the path.
    fn get(&self, path: &str, stats: &Stats) -> Option<Answer>;

    /// Whether the server takes POST requests at this path.
    fn has(&self, path: &str) -> bool;

    /// Answers a POST request to a path for which `has` is true.
    fn post(&self, call: &mut Call<'_>) -> Answer;

    /// An error in the server's format.
    fn error(&self, status: u16, message: &str) -> Answer;

    /// The beginning of an answer that never ends.
    fn endless(&self) -> &'static str;
}

/// An error as FastAPI writes it.
pub(crate) fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(&json!({ "detail": message })).status(status)
}

/// The value as an object. Fails with a message that names it if it is none.
pub(crate) fn object_of<'a>(value: &'a Value, name: &str) -> Result<&'a serde_json::Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{name} is not an object"))
}

/// A field of an object as a text. Fails with a message that names the field if it is missing or no text.
pub(crate) fn text_of<'a>(object: &'a Value, name: &str) -> Result<&'a str, String> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing or no text"))
}

/// Decodes base64, with or without the prefix of a `data:` URL.
pub(crate) fn picture_bytes(text: &str) -> Result<Vec<u8>, String> {
    let text = text.strip_prefix("data:").and_then(|url| url.split_once(";base64,")).map_or(text, |(_, data)| data);
    base64_simd::STANDARD.decode_to_vec(text).map_err(|_| "the picture is not base64".to_owned())
}
