//! Tests which schemas are accepted. Values that do not match a schema are in the table of replies.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use rescue_reply::Schema;
use serde_json::{Value, json};

#[track_caller]
fn refused(schema: &Value, why: &str) {
    let error = Schema::parse(&schema.to_string()).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_parsed_schema_keeps_its_value() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "t", "description": "d", "default": {},
        "examples": [1], "type": ["object", "null"], "additionalProperties": true, "required": ["b"],
        "properties": {
            "b": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"enum": [1, "x", null]}},
            "a": {"const": {"k": []}},
            "c": {"type": "number", "minimum": 0, "maximum": 1.5, "exclusiveMinimum": -1, "exclusiveMaximum": 2},
            "d": {"type": "string", "minLength": 1, "maxLength": 3},
        },
    });
    assert_eq!(Schema::parse(&schema.to_string()).unwrap().value(), &schema);
    assert!(Schema::parse("{}").is_ok());
}

#[test]
fn unsupported_keywords_are_refused_by_name() {
    for keyword in ["$ref", "anyOf", "oneOf", "allOf", "not", "pattern", "format", "multipleOf", "uniqueItems", "typo"]
    {
        refused(
            &json!({keyword: true}),
            &format!("the schema has {keyword:?}, which is not checked here; use only type"),
        );
    }
    refused(
        &json!({"properties": {"a": {"items": {"pattern": "x"}}}}),
        "the items of property \"a\" of the schema has",
    );
    refused(&json!({"minProperties": 1}), "\"minProperties\"");
    refused(&json!({"prefixItems": []}), "\"prefixItems\"");
}

#[test]
fn the_values_of_keywords_are_checked() {
    refused(&json!(true), "the schema is true, not a JSON object");
    refused(&json!({"type": "float"}), "\"type\" of the schema must be array, boolean,");
    refused(&json!({"type": []}), "must be array");
    refused(&json!({"type": ["string", 1]}), "must be array");
    refused(&json!({"properties": []}), "must be an object of schemas");
    refused(&json!({"properties": {"a": true}}), "property \"a\" of the schema is true");
    refused(&json!({"required": "a"}), "must be a list of names");
    refused(&json!({"required": [1]}), "must be a list of names");
    refused(&json!({"additionalProperties": {}}), "must be true or false");
    refused(&json!({"items": [{}]}), "the items of the schema is [{}]");
    refused(&json!({"enum": []}), "1 to 256 values");
    refused(&json!({"minimum": "0"}), "must be a number");
    refused(&json!({"minLength": -1}), "must be a whole number of at least 0");
    refused(&json!({"maxItems": 1.5}), "must be a whole number");
}

#[test]
fn text_that_is_not_a_schema_is_refused() {
    for (text, why) in [
        ("", "holds no JSON"),
        ("{\"type\": \"object\"", "it ends where"),
        ("{\"type\": \"object\",}", "not plain JSON"),
        ("```\n{}\n```", "not plain JSON"),
        ("{\"type\": \"object\", \"type\": \"array\"}", "occurs twice"),
    ] {
        let error = Schema::parse(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn schemas_have_limits() {
    let nested = |depth: usize| format!("{}{{}}{}", "{\"items\":".repeat(depth), "}".repeat(depth));
    assert!(Schema::parse(&nested(63)).is_ok());
    assert!(Schema::parse(&nested(64)).unwrap_err().to_string().contains("deeper than 64"));
    let listed = |count: usize| json!({"enum": (0..count).collect::<Vec<_>>()});
    assert!(Schema::parse(&listed(256).to_string()).is_ok());
    refused(&listed(257), "1 to 256 values");
    let long = |length: usize| format!("{{\"title\": \"{}\"}}", "x".repeat(length - 13));
    assert_eq!(long(65_536).len(), 65_536);
    assert!(Schema::parse(&long(65_536)).is_ok());
    assert!(Schema::parse(&long(65_537)).unwrap_err().to_string().contains("at most 65536"));
}
