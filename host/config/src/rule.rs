//! Checks names and values against the schema of a table or key.

use serde_json::{Value, json};

use crate::{error::cut, limits, url};

/// The schema of a table or of a key.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'a>(pub &'a Value);

impl<'a> Rule<'a> {
    /// Whether this is the schema of a table.
    pub fn is_table(self) -> bool {
        self.get("type").is_some_and(|kind| kind == "object")
    }

    /// The tables or keys in this table, by name. Empty if the table may have any key.
    pub fn children(self) -> impl Iterator<Item = (&'a str, Rule<'a>)> + Clone {
        let properties = self.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(key, schema)| (key.as_str(), Rule(schema)))
    }

    /// The table or key `key` in this table. `path` is the path of this table. The error lists the names that exist.
    pub fn child(self, path: &[String], key: &str) -> Result<Rule<'a>, String> {
        if let Some(schema) = self.get("additionalProperties").filter(|schema| **schema != false) {
            return Ok(Rule(schema));
        }
        if let Some((_, rule)) = self.children().find(|(known, _)| *known == key) {
            return Ok(rule);
        }
        // Messages read "[run] has no key …" or "there is no table [settings.pyramid]".
        let tables = self.children().any(|(_, rule)| rule.is_table());
        let name = |key: &str| {
            if tables { format!("[{}]", [path, &[key.into()]].concat().join(".")) } else { format!("{key:?}") }
        };
        let known = self.children().map(|(known, _)| known);
        let instead = match most_similar(key, known.clone()) {
            Some(known) => format!("did you mean {}?", name(known)),
            None => format!("there are {}", known.map(name).collect::<Vec<_>>().join(", ")),
        };
        let unknown = name(&cut(key));
        Err(if tables {
            format!("there is no table {unknown}; {instead}")
        } else {
            format!("[{}] has no key {unknown}; {instead}", path.join("."))
        })
    }

    /// The default of the key; `None` if it has none.
    pub fn default(self) -> Option<&'a Value> {
        self.get("default")
    }

    /// Checks a value, and returns it in the form in which it is used. The error says what was given and what is allowed; it does
    /// not repeat text that may be a secret.
    pub fn check(self, value: Value) -> Result<Value, String> {
        match self.get("format").and_then(Value::as_str) {
            Some("embedded-or-urls") if value == "embedded" => return Ok(value),
            Some("embedded-or-urls") => {
                let urls = url::read_all(&value).map_err(|problem| format!("{problem}; or write \"embedded\""))?;
                return if urls.is_empty() {
                    Err("is empty: give a URL, or \"embedded\"".into())
                } else {
                    Ok(json!(urls))
                };
            }
            Some("urls") => return Ok(json!(url::read_all(&value)?)),
            Some("variable") if !value.as_str().is_some_and(is_variable) => {
                let problem =
                    "is not the name of an environment variable, which has only capital letters, digits and _";
                return Err(format!("the value {problem}; put the key itself into that variable"));
            }
            _ => {}
        }
        if self.is_allowed(&value) {
            Ok(value)
        } else {
            Err(format!("{} is not {}", cut(&value.to_string()), self.allowed()))
        }
    }

    fn is_allowed(self, value: &Value) -> bool {
        let choices = self.choices();
        if !choices.is_empty() {
            return choices.contains(&value);
        }
        self.kinds().is_empty()
            || self.kinds().iter().any(|kind| match *kind {
                "null" => value.is_null(),
                "boolean" => value.is_boolean(),
                "integer" => (value.is_i64() || value.is_u64()) && self.is_in_range(value),
                "number" => self.is_in_range(value),
                _ => value.as_str().is_some_and(|text| !text.chars().any(char::is_control)),
            })
    }

    fn is_in_range(self, value: &Value) -> bool {
        let bound = |name| self.get(name).and_then(Value::as_f64);
        value.as_f64().is_some_and(|value| {
            bound("minimum").is_none_or(|least| value >= least)
                && bound("exclusiveMinimum").is_none_or(|least| value > least)
                && bound("maximum").is_none_or(|most| value <= most)
        })
    }

    /// Describes the values that the key allows.
    pub fn allowed(self) -> String {
        let choices: Vec<_> = self.choices().into_iter().map(Value::to_string).collect();
        if !choices.is_empty() {
            return format!("one of {}", choices.join(", "));
        }
        if self.get("items").is_some() {
            return "a URL, or a list of them".into();
        }
        let kind = match self.kinds().first() {
            Some(&"object") => "a table",
            Some(&"boolean") => "true or false",
            Some(&"integer") => "a whole number",
            Some(&"number") => "a number",
            Some(_) => "a text on one line",
            None => "a JSON value",
        };
        let mut allowed = kind.to_owned();
        for (bound, word) in [("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "up to")] {
            if let Some(bound) = self.get(bound) {
                allowed += &format!(" {word} {bound}");
            }
        }
        allowed
    }

    fn kinds(self) -> Vec<&'a str> {
        match self.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.and_then(Value::as_str).into_iter().collect(),
        }
    }

    fn choices(self) -> Vec<&'a Value> {
        self.get("oneOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|choice| choice.get("const"))
            .collect()
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }
}

/// Whether `text` can name an environment variable, or is empty. Lower-case letters and dashes are refused, so that an API key is
/// not taken for a name.
fn is_variable(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The name in `known` that is most similar to `key`: at most a third of its letters differ, or it begins with `key`. `None` if
/// there is no such name.
fn most_similar<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if key.len() > limits::SIMILARITY_BYTES {
        return None;
    }
    let key = key.to_lowercase();
    known
        .map(|known| (strsim::damerau_levenshtein(&key, known), known))
        .filter(|(distance, known)| *distance <= 1.max(known.len() / 3) || (key.len() > 2 && known.starts_with(&key)))
        .min()
        .map(|(_, known)| known)
}
