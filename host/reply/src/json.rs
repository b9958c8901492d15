//! Reads JSON from a reply.

use serde_json::Value;

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
    let text = complete_answer(said)?;
    let single = single_value(text)
        .map_err(|why| Unreadable::new(format!("the reply {} cannot be read: {why}", excerpt(text))))?;
    schema.check(&single.value).map_err(|why| Unreadable::new(format!("the JSON does not fit its schema: {why}")))?;
    Ok(Json { text: single.value.to_string(), value: single.value, repaired: single.repaired })
}
