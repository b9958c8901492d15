//! What the ledger holds of a question: the question, the answer as it came, and where it came from.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::canonical;

/// The version of this form.
const FORM: u32 = 1;

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of this form.
    pub form: u32,
    /// The question: what the key is the hash of.
    pub question: Value,
    /// The answer. Of a chat the whole choice as the server gave it, so that a better reader reads old answers better.
    pub answer: Value,
    /// What it cost and where it came from; no result depends on it.
    pub source: Source,
}

/// Where an answer came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Program and version, or the fingerprint that it gives; empty where it says nothing.
    pub server: String,
    /// Tokens, as the server counts them; null where it does not.
    pub usage: Value,
    /// Seconds from sending to the answer's end.
    pub seconds: f64,
    /// BLAKE3 of the body that was sent; empty where nothing was sent.
    pub sent: String,
}

/// An entry that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be read as an answer of form {FORM}: {0}")]
pub struct EntryError(String);

impl Entry {
    /// An answer to the question of this text.
    ///
    /// # Errors
    ///
    /// Where `text` is no JSON.
    pub fn new(text: &str, answer: Value, source: Source) -> Result<Self, EntryError> {
        let question = serde_json::from_str(text).map_err(|error| EntryError(error.to_string()))?;
        Ok(Self { form: FORM, question, answer, source })
    }

    /// As the ledger holds it.
    ///
    /// # Errors
    ///
    /// Where it has no JSON.
    pub fn write(&self) -> Result<Vec<u8>, EntryError> {
        serde_json::to_vec(self).map_err(|error| EntryError(error.to_string()))
    }

    /// From the ledger.
    ///
    /// # Errors
    ///
    /// Where it is of another form.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| EntryError(error.to_string()))?;
        if entry.form == FORM { Ok(entry) } else { Err(EntryError(format!("it is of form {}", entry.form))) }
    }

    /// BLAKE3 of the answer alone: equal answers have equal digests, whenever and wherever they were given.
    ///
    /// # Errors
    ///
    /// Where it has no JSON.
    pub fn answer_digest(&self) -> Result<blake3::Hash, EntryError> {
        let text = canonical(&self.answer).map_err(|error| EntryError(error.to_string()))?;
        Ok(blake3::hash(text.as_bytes()))
    }
}
