//! Derives the JSON Schema of the configuration file from the types.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema as schema};
use serde_json::Value;

use crate::{Config, limits};

/// The JSON Schema of `rescue.toml`, with description, default and allowed values of each key.
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Config>().to_value();
    add_defaults(&mut schema, serde_json::to_value(Config::original()).ok().as_ref());
    schema
}

/// Makes every key optional, forbids unknown keys, and adds `defaults` as the default values.
fn add_defaults(schema: &mut Value, defaults: Option<&Value>) {
    let Value::Object(schema) = schema else { return };
    schema.remove("required");
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (key, property) in properties {
            add_defaults(property, defaults.and_then(|defaults| defaults.get(key)));
        }
        schema.insert("additionalProperties".into(), false.into());
    } else if let Some(defaults) = defaults {
        schema.insert("default".into(), defaults.clone());
    }
}

/// The schema of a list of URLs, which [`crate::url`] checks.
pub(crate) fn urls(_: &mut SchemaGenerator) -> Schema {
    schema!({"type": ["string", "array"], "items": {"type": "string"}, "maxItems": limits::REPLICAS, "format": "urls"})
}

/// The schema of a list of URLs or "embedded".
pub(crate) fn place(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = urls(generator);
    schema.insert("format".into(), "embedded-or-urls".into());
    schema
}
