//! The ledger's entries: a question, its answer as the service gave it, and the answer's source.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::canonical;

/// The version of the format of entries.
const FORM: u32 = 1;

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of the entry's format.
    pub form: u32,
    /// The question. The entry's key is the hash of its canonical JSON.
    pub question: Value,
    /// The answer. For a chat this is the server's whole choice, so that a later parser can read old answers anew.
    pub answer: Value,
    /// The answer's origin and cost. No result depends on it.
    pub source: Source,
}

/// The origin and cost of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The server's `Server` header (program and version) or its `system_fingerprint`; empty if it gives none.
    pub server: String,
    /// The token counts that the server reports; null if it reports none.
    pub usage: Value,
    /// Seconds from sending the request to the end of the response.
    pub seconds: f64,
    /// BLAKE3 of the request's body in hexadecimal digits, in which the BLAKE3 of each file stands in its place; empty if nothing was sent.
    pub sent: String,
}

/// An entry that cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not an answer of format {FORM}: {0}")]
pub struct EntryError(String);

impl Entry {
    /// An entry for the question whose JSON is `text`.
    ///
    /// # Errors
    ///
    /// Returns an error if `text` is not JSON.
    pub fn new(text: &str, answer: Value, source: Source) -> Result<Self, EntryError> {
        let question = serde_json::from_str(text).map_err(|error| EntryError(error.to_string()))?;
        Ok(Self { form: FORM, question, answer, source })
    }

    /// The bytes that the ledger stores.
    ///
    /// # Errors
    ///
    /// Returns an error if the entry cannot be written as JSON.
    pub fn write(&self) -> Result<Vec<u8>, EntryError> {
        serde_json::to_vec(self).map_err(|error| EntryError(error.to_string()))
    }

    /// Reads an entry from the bytes that the ledger stores.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not an entry, or an entry of another format version.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| EntryError(error.to_string()))?;
        if entry.form == FORM { Ok(entry) } else { Err(EntryError(format!("it has format {}", entry.form))) }
    }

    /// BLAKE3 of the answer's canonical JSON, without its source: equal answers have equal digests, whoever gave them.
    ///
    /// # Errors
    ///
    /// Returns an error if the answer cannot be written as JSON.
    pub fn answer_digest(&self) -> Result<blake3::Hash, EntryError> {
        let text = canonical(&self.answer).map_err(|error| EntryError(error.to_string()))?;
        Ok(blake3::hash(text.as_bytes()))
    }
}
