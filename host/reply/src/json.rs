//! Reads JSON from a reply.

use serde_json::Value;

use crate::limits::MAX_TEXT;
use crate::parser::{SingleValue, single_value};
use crate::tags::{marked_answers, turn};
use crate::unreadable::{complete_answer, excerpt};
use crate::{Instead, Said, Schema, Unreadable};

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

/// Reads the JSON in a reply and checks it against a schema.
///
/// Unambiguous mistakes are repaired: code fences, answer tags and words around one object or list, commas before a closing
/// bracket, and one closing bracket too many.
///
/// # Errors
///
/// Returns [`Unreadable`] if the reply was refused or cut off, if its JSON is incomplete, has a key twice or does not match the
/// schema, or if it holds no JSON value or several.
pub fn json(said: &Said, schema: &Schema) -> Result<Json, Unreadable> {
    // Where only such JSON may be written, reasoning that is nothing else is the answer.
    if said.instead == Some(Instead::Reasoning)
        && said.complete
        && said.refused.is_none()
        && said.reasoning.len() <= MAX_TEXT
        && let Ok(SingleValue { value, repaired: false }) = single_value(turn(&said.reasoning))
        && schema.check(&value).is_ok()
    {
        return Ok(Json { text: value.to_string(), value, repaired: false });
    }
    let text = complete_answer(said)?;
    let in_tags = || marked_answers(text).last().and_then(|marked| single_value(marked.text).ok());
    let single = single_value(text)
        .or_else(|why| in_tags().map(|single| SingleValue { repaired: true, ..single }).ok_or(why))
        .map_err(|why| Unreadable::new(format!("the reply {} cannot be read: {why}", excerpt(text))))?;
    schema.check(&single.value).map_err(|why| Unreadable::new(format!("the JSON does not fit its schema: {why}")))?;
    Ok(Json { text: single.value.to_string(), value: single.value, repaired: single.repaired })
}
