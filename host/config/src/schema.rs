//! The JSON Schema of the file, from the types.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema as schema};
use serde_json::Value;

use crate::{Config, limits};

/// The JSON Schema of `rescue.toml`: what each key does, is and may be.
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Config>().to_value();
    finish(&mut schema, serde_json::to_value(Config::usual()).ok().as_ref());
    schema
}

/// Nothing is required, nothing unknown is allowed, and what nobody gives is as in `usual`.
fn finish(schema: &mut Value, usual: Option<&Value>) {
    let Value::Object(schema) = schema else { return };
    schema.remove("required");
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (key, property) in properties {
            finish(property, usual.and_then(|usual| usual.get(key)));
        }
        schema.insert("additionalProperties".into(), false.into());
    } else if let Some(usual) = usual {
        schema.insert("default".into(), usual.clone());
    }
}

/// URLs, for [`crate::url`] to check.
pub(crate) fn urls(_: &mut SchemaGenerator) -> Schema {
    schema!({"type": ["string", "array"], "items": {"type": "string"}, "maxItems": limits::REPLICAS, "format": "urls"})
}

/// The same, or "embedded".
pub(crate) fn place(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = urls(generator);
    schema.insert("format".into(), "embedded-or-urls".into());
    schema
}
