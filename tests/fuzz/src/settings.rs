//! Target `settings`: settings of plugins, with any schema and any given settings.

use rescue_plugin::Schema;
use serde_json::{Map, Value};

use crate::memory;

/// Takes a line with the schema, then the given settings.
pub fn settings(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (schema_text, given_text) = text.split_once('\n').unwrap_or((text, "{}"));
    let (parsed, peak) = memory::peak(|| Schema::parse(schema_text));
    assert!(peak <= 512 * text.len() + 8192, "{peak} bytes for a schema of {}", text.len());
    let schema = match parsed {
        Ok(schema) => schema,
        Err(problem) => return assert!(!problem.is_empty()),
    };
    let properties = properties(schema_text);
    for setting in schema.settings() {
        assert!(["boolean", "integer", "number", "string"].contains(&setting.kind));
        assert!(fits(&properties[&setting.name], &setting.default), "{:?} is no default", setting.default);
        assert_eq!(setting.range().is_empty(), setting.minimum.is_none() && setting.maximum.is_none());
    }
    let names: Vec<_> = schema.settings().iter().map(|setting| setting.name.as_str()).collect();
    assert_eq!(names, properties.keys().collect::<Vec<_>>());
    // If nothing is given, the defaults resolve.
    resolves(&schema, &properties, &Map::new());
    if let Ok(given) = serde_json::from_str::<Map<String, Value>>(given_text) {
        resolves(&schema, &properties, &given);
    }
}

/// The settings of an accepted schema, as plain JSON.
fn properties(schema: &str) -> Map<String, Value> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    schema.get("properties").map(|properties| properties.as_object().unwrap().clone()).unwrap_or_default()
}

fn resolves(schema: &Schema, properties: &Map<String, Value>, given: &Map<String, Value>) {
    let well = given.iter().all(|(name, value)| properties.get(name).is_some_and(|setting| fits(setting, value)));
    let resolved = match schema.resolve(given) {
        Ok(resolved) => resolved,
        Err(problem) => return assert!(!well, "{given:?} fits, yet: {problem}"),
    };
    assert!(well, "{given:?} does not fit");
    let values: Map<String, Value> = serde_json::from_str(&resolved).unwrap();
    assert!(values.keys().eq(properties.keys()), "{values:?}");
    for (name, value) in &values {
        let setting = &properties[name];
        assert!(fits(setting, value), "{name:?}: {value} does not fit {setting}");
        assert_eq!(value, given.get(name).unwrap_or(&setting["default"]), "{name:?}");
    }
    assert_eq!(schema.resolve(&values).as_ref(), Ok(&resolved), "what was resolved is resolved");
}

/// Whether JSON Schema accepts a value, except that integers must be written as such, and values are equal only if they
/// are written alike.
fn fits(setting: &Value, value: &Value) -> bool {
    let kind = match setting.get("type") {
        Some(kind) => kind.as_str().unwrap(),
        None if setting["enum"][0].is_string() => "string",
        None => "number",
    };
    let typed = match value {
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => kind == "number" || kind == "integer" && !number.is_f64(),
        Value::String(_) => kind == "string",
        _ => false,
    };
    let listed = setting.get("enum").is_none_or(|choices| choices.as_array().unwrap().contains(value));
    let least = setting.get("minimum").is_none_or(|least| !value.is_number() || at_most(least, value));
    let most = setting.get("maximum").is_none_or(|most| !value.is_number() || at_most(value, most));
    typed && listed && least && most
}

/// Whether a ≤ b. Whole numbers are compared exactly, others as floats.
fn at_most(a: &Value, b: &Value) -> bool {
    let whole = |value: &Value| value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a <= b,
        _ => a.as_f64() <= b.as_f64(),
    }
}
