//! Reads JSON from a reply.

use serde_json::Value;

use crate::limits::MAX_TEXT;
use crate::parser::single_value;
use crate::unreadable::{complete_answer, excerpt};
use crate::{Said, Schema, Unreadable};

/// JSON that matches its schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// Compact JSON, the keys of objects in alphabetical order.
    pub text: String,
    /// The same JSON as a value.
    pub value: Value,
    /// Whether the reply had words around the JSON or was repaired.
    pub repaired: bool,
}

/// Whether a reply has no text, and its thinking is JSON and nothing else.
fn only_thinking(said: &Said) -> bool {
    let thought = said.reasoning.trim();
    said.text.trim().is_empty()
        && thought.len() <= MAX_TEXT
        && single_value(thought).is_ok_and(|single| !single.repaired)
}

/// Reads the JSON in a reply and checks it against a schema.
///
/// Unambiguous mistakes are repaired: code fences and words around one object or list, commas before a closing bracket, and one
/// closing bracket too many.
///
/// # Errors
///
/// Returns [`Unreadable`] if the reply was refused or cut off, if its JSON is incomplete, has a key twice or does not match the
/// schema, or if it holds no JSON value or several.
pub fn json(said: &Said, schema: &Schema) -> Result<Json, Unreadable> {
    let text = match complete_answer(said) {
        // Servers that hold a model to a grammar may return what it wrote as thinking.
        Err(_) if said.complete && said.refused.is_none() && only_thinking(said) => said.reasoning.trim(),
        answer => answer?,
    };
    let single = single_value(text)
        .map_err(|why| Unreadable::new(format!("the reply {} cannot be read: {why}", excerpt(text))))?;
    schema.check(&single.value).map_err(|why| Unreadable::new(format!("the JSON does not fit its schema: {why}")))?;
    Ok(Json { text: single.value.to_string(), value: single.value, repaired: single.repaired })
}
