//! Asks the model to rephrase the query, and reads the rephrasings.

use crate::schedule::TEXTS;
use rescue_plugin_sdk::chat::{Format, Part, Question};
use rescue_plugin_sdk::prelude::*;
use serde_json::Value;

/// The instructions of the question.
pub const INSTRUCTIONS: &str = "You rephrase descriptions of things in photos. You do not see the photo. You are given a \
description that refers to one thing, and write seven others that refer to the very same thing and to nothing else. Vary how it \
is said: other words for the thing, another order, plainer or more precise, a place or a relation told from the other side. Add \
no facts that the description neither says nor implies, and leave out none that tell the thing from others. Write in the language \
of the description. Answer in JSON: {\"variations\": [seven strings]}.";

const SCHEMA: &str = r#"{"type":"object","properties":{"variations":{"type":"array","items":{"type":"string"}}},"required":["variations"],"additionalProperties":false}"#;

/// The longest rephrasing, in characters. Longer texts are dropped.
const MAX_LENGTH: usize = 1000;

/// The question for seven rephrasings.
#[must_use]
pub fn question(query: &str) -> Question {
    let asked = Part::text(format!("Description: \"{query}\""));
    Question::new(INSTRUCTIONS).user(vec![asked]).format(Format::Json(SCHEMA.to_owned()))
}

/// The rephrasings in a reply: at most seven, all different from each other and from the query. Fails, and says why, if
/// the reply has no list of rephrasings.
pub fn read(text: &str, query: &str) -> Result<Vec<String>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("the reply is not JSON: {error}"))?;
    let Some(Value::Array(variations)) = value.get("variations") else {
        return Err("the reply has no list \"variations\"".to_owned());
    };
    let mut known = vec![normalized(query)];
    let mut read = Vec::new();
    for variation in variations.iter().filter_map(Value::as_str) {
        let words: Vec<&str> = variation.split_whitespace().collect();
        let text = words.join(" ");
        let key = normalized(&text);
        if !key.is_empty() && text.chars().count() <= MAX_LENGTH && !known.contains(&key) {
            known.push(key);
            read.push(text);
        }
    }
    read.truncate(usize::try_from(TEXTS - 1).unwrap_or(0));
    Ok(read)
}

/// The letters and digits of a text in lower case: equal for texts that differ only in case, punctuation and white
/// space.
fn normalized(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_different_rephrasing_is_taken_once() {
        let text =
            r#"{"variations": ["A  red\n cup", "the cup.", "a red cup!", "", "?", 7, null, "cup, red", "THE CUP"]}"#;
        assert_eq!(read(text, "The cup").unwrap(), ["A red cup", "cup, red"]);
        let many: Vec<String> = (0..20).map(|n| format!("cup {n}")).collect();
        let text = serde_json::json!({ "variations": many }).to_string();
        assert_eq!(read(&text, "The cup").unwrap(), many[..7]);
        let long = serde_json::json!({ "variations": ["x".repeat(1000), "x".repeat(1001)] }).to_string();
        assert_eq!(read(&long, "The cup").unwrap(), ["x".repeat(1000)]);
    }

    #[test]
    fn a_reply_without_a_list_of_variations_is_an_error() {
        assert!(read("{", "cup").unwrap_err().contains("not JSON"));
        for text in ["{}", "[]", r#"{"variations": "cup"}"#, "null"] {
            assert!(read(text, "cup").unwrap_err().contains("no list"), "{text}");
        }
        assert!(read(r#"{"variations": []}"#, "cup").unwrap().is_empty());
    }

    #[test]
    fn the_schema_is_valid_json() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        assert_eq!(schema["properties"]["variations"]["items"]["type"], "string");
    }
}
