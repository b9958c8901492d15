//! Canonical JSON: equal values are written as equal texts.

use serde::Serialize;
use serde_json::Value;

/// Writes a value as canonical JSON, the form that is hashed: no spaces, object keys sorted by their bytes, numbers as `serde_json`
/// writes them (integers as integers, others as the shortest decimal that reads back as the same f64; NaN and infinity as `null`),
/// strings with the fewest escapes.
///
/// # Errors
///
/// Returns an error if the value cannot be serialised as JSON, for example a map whose keys are not strings.
pub fn canonical(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    write(&serde_json::to_value(value)?, &mut text)?;
    Ok(text)
}

/// Sorts object keys explicitly. Whether `serde_json` sorts them depends on a cargo feature that any crate of a build can switch.
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
        let reordered: Value =
            serde_json::from_str(r#"{"a":{"Z":true,"é\n\"":null},"b":[1,2.5,-0.0,1e21,0.1],"B":""}"#).unwrap();
        assert_eq!(canonical(&reordered).unwrap(), text);
    }

    #[test]
    fn not_a_number_is_written_as_null() {
        // No question contains NaN: the plugin interface rejects it.
        assert_eq!(canonical(&f64::NAN).unwrap(), "null");
    }
}
