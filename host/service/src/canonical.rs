//! One text for one JSON value.

use serde::Serialize;
use serde_json::Value;

/// A value as JSON in the one form that is hashed: no spaces, names of objects sorted by their bytes, numbers as `serde_json` writes
/// them (integers as such, others as the shortest decimal that reads back as the same f64), text with the fewest escapes.
///
/// # Errors
///
/// Numbers that are not finite, and maps whose keys are no text, have no JSON.
pub fn canonical(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    write(&serde_json::to_value(value)?, &mut text)?;
    Ok(text)
}

/// Sorts by itself: whether `serde_json` keeps the order of objects is decided by whoever else is built with it.
fn write(value: &Value, text: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_bytes());
            text.push('{');
            for (place, (name, value)) in fields.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&serde_json::to_string(name)?);
                text.push(':');
                write(value, text)?;
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(value, text)?;
            }
            text.push(']');
        }
        other => text.push_str(&serde_json::to_string(other)?),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_value_has_one_text() {
        let value = json!({"b": [1, 2.5, -0.0, 1e21, 0.1], "a": {"é\n\"": null, "Z": true}, "B": ""});
        let text = r#"{"B":"","a":{"Z":true,"é\n\"":null},"b":[1,2.5,-0.0,1e+21,0.1]}"#;
        assert_eq!(canonical(&value).unwrap(), text);
        let turned: Value =
            serde_json::from_str(r#"{"a":{"Z":true,"é\n\"":null},"b":[1,2.5,-0.0,1e21,0.1],"B":""}"#).unwrap();
        assert_eq!(canonical(&turned).unwrap(), text);
    }

    #[test]
    fn a_number_that_is_none_is_no_question() {
        // serde_json writes null for it; a question never holds one, as the border takes no such number.
        assert_eq!(canonical(&f64::NAN).unwrap(), "null");
    }
}
