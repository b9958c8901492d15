//! JSON that fits a schema, made up.

use serde_json::{Map, Value};

use super::dice::Dice;

/// A value that fits this JSON Schema, as far as its types, choices and least numbers say what fits.
pub(crate) fn fitting(schema: &str, dice: &mut Dice) -> Result<Value, String> {
    match serde_json::from_str(schema) {
        Ok(schema) => Ok(value(&schema, dice)),
        Err(error) => Err(format!("the schema of the answer is not JSON: {error}")),
    }
}

/// The depth is that of the schema, which its reader bounds.
fn value(schema: &Value, dice: &mut Dice) -> Value {
    if let Some(Value::Array(choices)) = schema.get("enum") {
        let at = dice.below(choices.len());
        return choices.get(at).cloned().unwrap_or(Value::Null);
    }
    let least = schema.get("minimum").and_then(Value::as_f64).unwrap_or(0.0);
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let fields = schema.get("properties").and_then(Value::as_object);
            let filled = fields.into_iter().flatten().map(|(name, schema)| (name.clone(), value(schema, dice)));
            Value::Object(filled.collect::<Map<_, _>>())
        }
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            Value::Array((0..2).map(|_| value(items, dice)).collect())
        }
        Some("string") => Value::from("something"),
        Some("boolean") => Value::from(dice.below(2) == 0),
        Some("integer") => Value::from(least.ceil() as i64 + dice.below(2) as i64),
        Some("number") => Value::from(least + dice.unit()),
        _ => Value::Null,
    }
}
