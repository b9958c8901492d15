//! JSON out of a reply.

use serde_json::Value;

use crate::{Said, Schema, Unreadable};

/// JSON that fits its schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// Compact JSON.
    pub text: String,
    /// The same as a value.
    pub value: Value,
    /// Whether the reply was anything but JSON.
    pub repaired: bool,
}

/// The JSON in a reply.
pub fn json(said: &Said, schema: &Schema) -> Result<Json, Unreadable> {
    let _ = (crate::unreadable::whole_answer(said)?, schema);
    Err(Unreadable::new("not read yet"))
}
