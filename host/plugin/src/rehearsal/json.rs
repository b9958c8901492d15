//! Makes up JSON that fits a schema.

use serde_json::{Map, Value};

use super::random::Random;

/// A random value that fits the `type`, `enum`, `minimum`, `properties` and `items` of this JSON Schema. Fails if the schema is
/// not JSON.
pub(crate) fn fitting(schema: &str, random: &mut Random) -> Result<Value, String> {
    match serde_json::from_str(schema) {
        Ok(schema) => Ok(value(&schema, random)),
        Err(error) => Err(format!("the schema of the answer is not JSON: {error}")),
    }
}

/// The recursion is as deep as the schema, whose depth serde_json limits.
fn value(schema: &Value, random: &mut Random) -> Value {
    if let Some(Value::Array(choices)) = schema.get("enum") {
        let at = random.below(choices.len());
        return choices.get(at).cloned().unwrap_or(Value::Null);
    }
    let least = schema.get("minimum").and_then(Value::as_f64).unwrap_or(0.0);
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let fields = schema.get("properties").and_then(Value::as_object);
            let filled = fields.into_iter().flatten().map(|(name, schema)| (name.clone(), value(schema, random)));
            Value::Object(filled.collect::<Map<_, _>>())
        }
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            Value::Array((0..2).map(|_| value(items, random)).collect())
        }
        Some("string") => Value::from("something"),
        Some("boolean") => Value::from(random.below(2) == 0),
        Some("integer") => Value::from(least.ceil() as i64 + random.below(2) as i64),
        Some("number") => Value::from(least + random.unit()),
        _ => Value::Null,
    }
}
