//! JSON Schema, a small part.

use serde_json::Value;

/// A schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    value: Value,
}

/// A schema that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct UnsupportedSchema {
    /// Why, for people.
    pub why: String,
}

impl Schema {
    /// Reads a schema.
    pub fn parse(text: &str) -> Result<Self, UnsupportedSchema> {
        let value = serde_json::from_str(text).map_err(|error| UnsupportedSchema { why: error.to_string() })?;
        Ok(Self { value })
    }

    /// The schema as JSON, to send to a server.
    pub fn value(&self) -> &Value {
        &self.value
    }
}
