//! JSON out of a reply.

use serde_json::Value;

use crate::parser::single;
use crate::unreadable::{shown, whole_answer};
use crate::{Said, Schema, Unreadable};

/// JSON that fits its schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// Compact JSON, the keys of objects in alphabetical order.
    pub text: String,
    /// The same as a value.
    pub value: Value,
    /// Whether the reply was anything but that JSON: it had words around it, or was repaired.
    pub repaired: bool,
}

/// The JSON in a reply, which must fit a schema.
///
/// Repaired is what can be read in one way only: code fences and words around one object or list, commas before a closing
/// bracket, one closing bracket too many. What lacks something, has a key twice, or holds two values is unreadable.
pub fn json(said: &Said, schema: &Schema) -> Result<Json, Unreadable> {
    let text = whole_answer(said)?;
    let single =
        single(text).map_err(|why| Unreadable::new(format!("the reply {} is not read: {why}", shown(text))))?;
    schema.fits(&single.value).map_err(|why| Unreadable::new(format!("the JSON does not fit its schema: {why}")))?;
    Ok(Json { text: single.value.to_string(), value: single.value, repaired: single.repaired })
}
