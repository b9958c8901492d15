//! Schemas of answers: a stated part of JSON Schema, so that whatever a schema says is checked.
//!
//! A schema may have `type` (one or a list), `properties`, `required`, `additionalProperties` (true or false), `items` (one
//! schema), `enum`, `const`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `minItems`, `maxItems`, `minLength`
//! and `maxLength`, with the meaning that JSON Schema (2020-12) gives them. `title`, `description`, `default`, `examples` and
//! `$schema` are passed over. Anything else is refused by name.

mod fits;

use serde_json::{Map, Number, Value};

use crate::limits::{MAX_DEPTH, MAX_ENUM, MAX_SCHEMA};
use crate::parser::single;
use crate::unreadable::shown;

/// A schema that is understood in full.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    value: Value,
    rules: Rules,
}

/// A schema, or what stands under one of its keywords, is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct UnsupportedSchema {
    /// What is not understood, where it stands, and what could stand there.
    pub why: String,
}

/// The types of JSON, as a schema names them.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const KEYWORDS: &str = "type, properties, required, additionalProperties, items, enum, const, minimum, maximum, \
                        exclusiveMinimum, exclusiveMaximum, minItems, maxItems, minLength, maxLength";

/// What one schema asks of a value; what is not set asks nothing.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rules {
    types: Vec<&'static str>,
    /// Sorted by name.
    properties: Vec<(String, Rules)>,
    required: Vec<String>,
    /// Whether properties without a schema are refused.
    closed: bool,
    items: Option<Box<Rules>>,
    /// `enum`, and `const` as an `enum` of one.
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
    /// Reads a schema of at most 64 KiB that nests at most 64 deep.
    pub fn parse(text: &str) -> Result<Self, UnsupportedSchema> {
        let refused = |why| UnsupportedSchema { why };
        if text.len() > MAX_SCHEMA {
            return Err(refused(format!("the schema has {} bytes, and at most {MAX_SCHEMA} are read", text.len())));
        }
        let single = single(text).map_err(|why| refused(format!("the schema {} is not read: {why}", shown(text))))?;
        if single.repaired {
            return Err(refused(
                "the schema is not plain JSON: it has words around it, or a bracket or comma too many".into(),
            ));
        }
        let rules = Rules::parse(&single.value, "the schema", 0).map_err(refused)?;
        Ok(Self { value: single.value, rules })
    }

    /// The schema as JSON, to send to a server.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether a value fits; the error says which part does not, and why.
    pub(crate) fn fits(&self, value: &Value) -> Result<(), String> {
        self.rules.fit(value, &fits::Path::Whole)
    }
}

impl Rules {
    /// `place` names the schema in errors.
    fn parse(schema: &Value, place: &str, depth: usize) -> Result<Self, String> {
        if depth >= MAX_DEPTH {
            return Err(format!("{place} nests deeper than {MAX_DEPTH}"));
        }
        let Value::Object(schema) = schema else { return Err(format!("{place} is {schema}, not a JSON object")) };
        let mut rules = Self::default();
        for (keyword, given) in schema {
            rules.take(keyword, given, place, depth).map_err(|problem| match problem {
                Problem::Keyword => {
                    format!("{place} has {keyword:?}, which is not checked here; use only {KEYWORDS}")
                }
                Problem::Value(wanted) => format!("{keyword:?} of {place} must be {wanted}"),
                Problem::Inside(why) => why,
            })?;
        }
        Ok(rules)
    }

    fn take(&mut self, keyword: &str, given: &Value, place: &str, depth: usize) -> Result<(), Problem> {
        match keyword {
            "title" | "description" | "default" | "examples" | "$schema" => {}
            "type" => self.types = types(given)?,
            "properties" => {
                let given = given.as_object().ok_or(Problem::Value("an object of schemas"))?;
                self.properties = properties(given, place, depth)?;
            }
            "required" => self.required = names(given)?,
            "additionalProperties" => {
                self.closed = !given.as_bool().ok_or(Problem::Value("true or false"))?;
            }
            "items" => {
                let inside = Self::parse(given, &format!("the items of {place}"), depth + 1);
                self.items = Some(Box::new(inside.map_err(Problem::Inside)?));
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
    /// It is not known.
    Keyword,
    /// It should be this.
    Value(&'static str),
    /// A schema inside it is not understood.
    Inside(String),
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

fn properties(given: &Map<String, Value>, place: &str, depth: usize) -> Result<Vec<(String, Rules)>, Problem> {
    let properties = given.iter().map(|(name, schema)| {
        Ok((name.clone(), Rules::parse(schema, &format!("property {name:?} of {place}"), depth + 1)?))
    });
    let mut properties: Vec<_> = properties.collect::<Result<_, String>>().map_err(Problem::Inside)?;
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
