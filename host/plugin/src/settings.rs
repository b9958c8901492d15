//! Schemas of plugins' settings, and checks of settings against them.
//!
//! Schemas are a small subset of JSON Schema, so that checking is always fast and errors are easy to understand. A schema is
//! `{"type": "object", "properties": {NAME: SETTING, …}}`. A SETTING has a `default`, and a `type` (`boolean`, `integer`, `number` or
//! `string`) or an `enum`. It may have `description`, `minimum` and `maximum`. Anything else is refused.

use serde_json::{Map, Number, Value};

/// The settings that a kind of a plugin has.
#[derive(Clone, Debug)]
pub struct Schema {
    settings: Vec<Setting>,
}

/// One setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// "boolean", "integer", "number" or "string".
    pub kind: &'static str,
    /// What it does, for people; may be empty.
    pub description: String,
    /// The value if none is given.
    pub default: Value,
    /// The allowed values; empty if the schema does not list them.
    pub choices: Vec<Value>,
    /// The least allowed value; `None` if there is no bound.
    pub minimum: Option<Number>,
    /// The greatest allowed value; `None` if there is no bound.
    pub maximum: Option<Number>,
}

const KINDS: [&str; 4] = ["boolean", "integer", "number", "string"];

impl Schema {
    /// Reads a schema from JSON. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("the schema is not JSON: {error}"))?;
        let Value::Object(schema) = value else { return Err("the schema is not a JSON object".into()) };
        let mut settings = Vec::new();
        for (key, value) in &schema {
            match (key.as_str(), value) {
                ("type", Value::String(kind)) if kind == "object" => {}
                ("properties", Value::Object(properties)) => {
                    for (name, value) in properties {
                        settings.push(Setting::parse(name, value).map_err(|e| format!("setting {name:?}: {e}"))?);
                    }
                }
                ("$schema" | "title" | "description", Value::String(_))
                | ("additionalProperties", Value::Bool(false)) => {}
                _ => {
                    return Err(format!(
                        "{key:?} is not understood; a schema has \"type\": \"object\" and \"properties\""
                    ));
                }
            }
        }
        Ok(Self { settings })
    }

    /// Whether there is a setting of this name.
    pub fn has(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| setting.name == name)
    }

    /// All settings, in the order of the schema.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Checks given settings, and returns JSON of all settings: the given ones, and the defaults of the others. The error names the
    /// setting, what is wrong with it, and what is allowed.
    pub fn resolve(&self, given: &Map<String, Value>) -> Result<String, String> {
        if let Some(unknown) = given.keys().find(|name| !self.has(name)) {
            let known: Vec<_> = self.settings.iter().map(|setting| setting.name.as_str()).collect();
            return Err(match known.as_slice() {
                [] => format!("there is no setting {unknown:?}: it has no settings"),
                known => format!("there is no setting {unknown:?}; there are {}", known.join(", ")),
            });
        }
        let mut resolved = Map::new();
        for setting in &self.settings {
            let value = given.get(&setting.name).unwrap_or(&setting.default);
            setting.check(value).map_err(|problem| format!("setting {:?}: {problem}", setting.name))?;
            resolved.insert(setting.name.clone(), value.clone());
        }
        Ok(Value::Object(resolved).to_string())
    }
}

impl Setting {
    fn parse(name: &str, value: &Value) -> Result<Self, String> {
        let Value::Object(schema) = value else { return Err("is not a JSON object".into()) };
        let mut setting = Self {
            name: name.into(),
            kind: "",
            description: String::new(),
            default: Value::Null,
            choices: Vec::new(),
            minimum: None,
            maximum: None,
        };
        for (key, value) in schema {
            match (key.as_str(), value) {
                ("type", Value::String(kind)) => {
                    setting.kind = KINDS.into_iter().find(|known| known == kind).ok_or_else(|| {
                        format!("the type {kind:?} is not understood; there are {}", KINDS.join(", "))
                    })?;
                }
                ("description" | "title", Value::String(text)) => setting.description.clone_from(text),
                ("default", value) => setting.default = value.clone(),
                ("enum", Value::Array(choices)) if choices.is_empty() => return Err("its \"enum\" is empty".into()),
                ("enum", Value::Array(choices)) => setting.choices.clone_from(choices),
                ("minimum", Value::Number(least)) => setting.minimum = Some(least.clone()),
                ("maximum", Value::Number(most)) => setting.maximum = Some(most.clone()),
                _ => return Err(format!("{key:?} is not understood")),
            }
        }
        if setting.kind.is_empty() {
            // The choices imply the type.
            setting.kind = match setting.choices.first() {
                Some(Value::String(_)) => "string",
                Some(Value::Number(_)) => "number",
                _ => return Err("has no type".into()),
            };
        }
        setting.check(&setting.default).map_err(|problem| format!("its default: {problem}"))?;
        Ok(setting)
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        let fits = match self.kind {
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            _ => value.is_string(),
        };
        if !fits {
            return Err(format!("{value} is not of type {}", self.kind));
        }
        if !self.choices.is_empty() && !self.choices.contains(value) {
            let choices: Vec<_> = self.choices.iter().map(Value::to_string).collect();
            return Err(format!("{value} is none of {}", choices.join(", ")));
        }
        match value {
            Value::Number(number)
                if self.minimum.as_ref().is_some_and(|least| less(number, least))
                    || self.maximum.as_ref().is_some_and(|most| less(most, number)) =>
            {
                Err(format!("{value} is not in {}", self.range()))
            }
            _ => Ok(()),
        }
    }

    /// The bounds as text: "0..1", "0 or more" or "1 or less"; empty if there are none.
    pub fn range(&self) -> String {
        match (&self.minimum, &self.maximum) {
            (Some(least), Some(most)) => format!("{least}..{most}"),
            (Some(least), None) => format!("{least} or more"),
            (None, Some(most)) => format!("{most} or less"),
            (None, None) => String::new(),
        }
    }
}

/// Whether `a` is less than `b`. Whole numbers are compared as integers, because `f64` cannot represent all large ones.
fn less(a: &Number, b: &Number) -> bool {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_f64() < b.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"{"type": "object", "properties": {
        "seeding": {"enum": ["prior", "seed"], "default": "prior", "description": "who meets whom"},
        "share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
        "tries": {"type": "integer", "default": 1}}}"#;

    fn resolve(given: &str) -> Result<String, String> {
        Schema::parse(SCHEMA).unwrap().resolve(serde_json::from_str::<Value>(given).unwrap().as_object().unwrap())
    }

    #[test]
    fn defaults_are_filled_in() {
        assert_eq!(resolve("{}").unwrap(), r#"{"seeding":"prior","share":0.5,"tries":1}"#);
        assert_eq!(resolve(r#"{"share": 1}"#).unwrap(), r#"{"seeding":"prior","share":1,"tries":1}"#);
    }

    #[test]
    fn an_error_names_the_setting_that_does_not_fit() {
        for (given, message) in [
            (r#"{"sharing": 1}"#, r#"there is no setting "sharing"; there are seeding, share, tries"#),
            (r#"{"share": "1"}"#, r#"setting "share": "1" is not of type number"#),
            (r#"{"share": 1.5}"#, r#"setting "share": 1.5 is not in 0..1"#),
            (r#"{"tries": 1.5}"#, r#"setting "tries": 1.5 is not of type integer"#),
            (r#"{"seeding": "x"}"#, r#"setting "seeding": "x" is none of "prior", "seed""#),
        ] {
            assert_eq!(resolve(given).unwrap_err(), message);
        }
    }

    #[test]
    fn bounds_hold_for_whole_numbers_that_f64_cannot_represent() {
        let schema = r#"{"properties": {"a": {"type": "integer", "maximum": 9007199254740992, "default": 0}}}"#;
        let schema = Schema::parse(schema).unwrap();
        let resolve = |given: u64| schema.resolve(&Map::from_iter([("a".into(), given.into())]));
        assert_eq!(resolve(1 << 53).unwrap(), r#"{"a":9007199254740992}"#);
        assert_eq!(
            resolve((1 << 53) + 1).unwrap_err(),
            r#"setting "a": 9007199254740993 is not in 9007199254740992 or less"#
        );
    }

    #[test]
    fn a_float_keeps_its_value() {
        let schema = r#"{"properties": {"a": {"type": "number", "default": 12e30}}}"#;
        let resolved = Schema::parse(schema).unwrap().resolve(&Map::new()).unwrap();
        assert_eq!(resolved, r#"{"a":1.2e+31}"#);
    }

    #[test]
    fn an_empty_enum_is_refused() {
        let schema = r#"{"properties": {"a": {"type": "string", "enum": [], "default": "b"}}}"#;
        assert_eq!(Schema::parse(schema).unwrap_err(), r#"setting "a": its "enum" is empty"#);
    }

    #[test]
    fn other_schemas_are_refused() {
        for schema in [
            "",
            "[]",
            r#"{"oneOf": []}"#,
            r#"{"properties": {"a": {"type": "array", "default": []}}}"#,
            r#"{"properties": {"a": {"type": "string"}}}"#,
            r#"{"properties": {"a": {"default": 1}}}"#,
            r##"{"properties": {"a": {"$ref": "#/a", "type": "string", "default": ""}}}"##,
        ] {
            assert!(Schema::parse(schema).is_err(), "{schema}");
        }
    }
}
