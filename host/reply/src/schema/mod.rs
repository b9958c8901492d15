//! Schemas for answers in JSON. Only a part of JSON Schema is supported, so that everything a schema says is really checked.
//!
//! A schema may have `type` (one or a list), `properties`, `required`, `additionalProperties` (true or false), `items` (one
//! schema), `enum`, `const`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `minItems`, `maxItems`, `minLength`
//! and `maxLength`, with the meaning that JSON Schema (2020-12) gives them. `title`, `description`, `default`, `examples` and
//! `$schema` are ignored. A schema with any other keyword is refused, and the error names the keyword.

mod check;

use serde_json::{Map, Number, Value};

use crate::limits::{MAX_DEPTH, MAX_ENUM, MAX_SCHEMA};
use crate::parser::single_value;
use crate::unreadable::excerpt;

/// A schema that uses only supported keywords.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    value: Value,
    rules: Rules,
}

/// A schema, or the value of one of its keywords, is not supported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct UnsupportedSchema {
    /// What is not supported, where it is, and what is allowed there.
    pub why: String,
}

/// The names of JSON types in a schema.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const KEYWORDS: &str = "type, properties, required, additionalProperties, items, enum, const, minimum, maximum, \
                        exclusiveMinimum, exclusiveMaximum, minItems, maxItems, minLength, maxLength";

/// The rules of one schema. A rule that is not set allows every value.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rules {
    types: Vec<&'static str>,
    /// The schemas of properties, sorted by name.
    properties: Vec<(String, Rules)>,
    required: Vec<String>,
    /// Whether properties without a schema are refused.
    closed: bool,
    items: Option<Box<Rules>>,
    /// The lists of allowed values: `enum`, and `const` as a list of one. A value must be in each.
    values: Vec<Vec<Value>>,
    minimum: Option<Number>,
    maximum: Option<Number>,
    above: Option<Number>,
    below: Option<Number>,
    items_at_least: Option<u64>,
    items_at_most: Option<u64>,
    length_at_least: Option<u64>,
    length_at_most: Option<u64>,
}

impl Schema {
    /// Parses a schema of at most 64 KiB and 64 levels of nesting.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not plain JSON, exceeds a limit, or uses an unsupported keyword or value.
    pub fn parse(text: &str) -> Result<Self, UnsupportedSchema> {
        let refused = |why| UnsupportedSchema { why };
        if text.len() > MAX_SCHEMA {
            return Err(refused(format!("the schema has {} bytes, and at most {MAX_SCHEMA} are read", text.len())));
        }
        let single =
            single_value(text).map_err(|why| refused(format!("the schema {} cannot be read: {why}", excerpt(text))))?;
        if single.repaired {
            return Err(refused(
                "the schema is not plain JSON: it has words around it, or a bracket or comma too many".into(),
            ));
        }
        let rules = Rules::parse(&single.value, "the schema", 0).map_err(refused)?;
        Ok(Self { value: single.value, rules })
    }

    /// The schema as JSON, as it is sent to a server.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Checks a value against the schema. The error says which part does not match, and why.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        self.rules.check(value, &check::Path::Root)
    }
}

impl Rules {
    /// Parses a schema. `location` names it in errors; `depth` is its level of nesting, from 0.
    fn parse(schema: &Value, location: &str, depth: usize) -> Result<Self, String> {
        if depth >= MAX_DEPTH {
            return Err(format!("{location} nests deeper than {MAX_DEPTH}"));
        }
        let Value::Object(schema) = schema else { return Err(format!("{location} is {schema}, not a JSON object")) };
        let mut rules = Self::default();
        for (keyword, given) in schema {
            rules.set(keyword, given, location, depth).map_err(|problem| match problem {
                Problem::Keyword => {
                    format!("{location} has {keyword:?}, which is not checked here; use only {KEYWORDS}")
                }
                Problem::Value(wanted) => format!("{keyword:?} of {location} must be {wanted}"),
                Problem::Nested(why) => why,
            })?;
        }
        Ok(rules)
    }

    /// Sets the rule of one keyword.
    fn set(&mut self, keyword: &str, given: &Value, location: &str, depth: usize) -> Result<(), Problem> {
        match keyword {
            "title" | "description" | "default" | "examples" | "$schema" => {}
            "type" => self.types = types(given)?,
            "properties" => {
                let given = given.as_object().ok_or(Problem::Value("an object of schemas"))?;
                self.properties = properties(given, location, depth)?;
            }
            "required" => self.required = names(given)?,
            "additionalProperties" => {
                self.closed = !given.as_bool().ok_or(Problem::Value("true or false"))?;
            }
            "items" => {
                let inside = Self::parse(given, &format!("the items of {location}"), depth + 1);
                self.items = Some(Box::new(inside.map_err(Problem::Nested)?));
            }
            "enum" => {
                let listed = given.as_array().filter(|listed| (1..=MAX_ENUM).contains(&listed.len()));
                self.values.push(listed.ok_or(Problem::Value("a list of 1 to 256 values"))?.clone());
            }
            "const" => self.values.push(vec![given.clone()]),
            "minimum" => self.minimum = Some(number(given)?),
            "maximum" => self.maximum = Some(number(given)?),
            "exclusiveMinimum" => self.above = Some(number(given)?),
            "exclusiveMaximum" => self.below = Some(number(given)?),
            "minItems" => self.items_at_least = Some(count(given)?),
            "maxItems" => self.items_at_most = Some(count(given)?),
            "minLength" => self.length_at_least = Some(count(given)?),
            "maxLength" => self.length_at_most = Some(count(given)?),
            _ => return Err(Problem::Keyword),
        }
        Ok(())
    }
}

/// What is wrong with a keyword.
enum Problem {
    /// The keyword is not supported.
    Keyword,
    /// The value of the keyword must be this.
    Value(&'static str),
    /// A schema inside the value is not supported.
    Nested(String),
}

fn types(given: &Value) -> Result<Vec<&'static str>, Problem> {
    let wanted = || Problem::Value("array, boolean, integer, null, number, object or string, or a list of those");
    let named = match given {
        Value::Array(listed) if !listed.is_empty() => listed.as_slice(),
        Value::String(_) => std::slice::from_ref(given),
        _ => return Err(wanted()),
    };
    let known = |name: &Value| TYPES.into_iter().find(|known| name.as_str() == Some(known));
    named.iter().map(|name| known(name).ok_or_else(wanted)).collect()
}

fn properties(given: &Map<String, Value>, location: &str, depth: usize) -> Result<Vec<(String, Rules)>, Problem> {
    let properties = given.iter().map(|(name, schema)| {
        Ok((name.clone(), Rules::parse(schema, &format!("property {name:?} of {location}"), depth + 1)?))
    });
    let mut properties: Vec<_> = properties.collect::<Result<_, String>>().map_err(Problem::Nested)?;
    properties.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(properties)
}

fn names(given: &Value) -> Result<Vec<String>, Problem> {
    let names = given.as_array().and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    names.ok_or(Problem::Value("a list of names"))
}

fn number(given: &Value) -> Result<Number, Problem> {
    given.as_number().cloned().ok_or(Problem::Value("a number"))
}

fn count(given: &Value) -> Result<u64, Problem> {
    given.as_u64().ok_or(Problem::Value("a whole number of at least 0"))
}
