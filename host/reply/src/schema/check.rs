//! Checks a value against a schema.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Map, Number, Value};

use super::Rules;
use crate::unreadable::excerpt;

/// The path of a value in the JSON. It is formatted only for an error.
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("$"),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl Rules {
    /// Checks a value. The error says which part does not match, and why.
    pub(super) fn check(&self, value: &Value, path: &Path<'_>) -> Result<(), String> {
        let wrong = |wanted: String| Err(format!("{path} is {}, not {wanted}", excerpt_of_value(value)));
        if !self.types.is_empty() && !self.types.iter().any(|name| has_type(value, name)) {
            return wrong(self.types.join(" or "));
        }
        if let Some(values) = self.values.iter().find(|values| !values.iter().any(|other| equal(value, other))) {
            let values: Vec<_> = values.iter().take(8).map(excerpt_of_value).collect();
            return wrong(format!("one of {}", values.join(", ")));
        }
        match value {
            Value::Number(number) => self.number_problem(number).map_or(Ok(()), wrong),
            Value::String(text) => {
                let length = text.chars().count() as u64;
                outside(length, self.length_at_least, self.length_at_most)
                    .map_or(Ok(()), |wanted| Err(format!("{path} has {length} characters, not {wanted}")))
            }
            Value::Array(list) => self.check_list(list, path),
            Value::Object(object) => self.check_object(object, path),
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }

    fn number_problem(&self, number: &Number) -> Option<String> {
        let against = |limit: &Option<Number>, allowed: fn(Ordering) -> bool, words: &str| {
            limit.as_ref().filter(|limit| !allowed(compare(number, limit))).map(|limit| format!("{words} {limit}"))
        };
        against(&self.minimum, Ordering::is_ge, "at least")
            .or_else(|| against(&self.maximum, Ordering::is_le, "at most"))
            .or_else(|| against(&self.above, Ordering::is_gt, "above"))
            .or_else(|| against(&self.below, Ordering::is_lt, "below"))
    }

    fn check_list(&self, list: &[Value], path: &Path<'_>) -> Result<(), String> {
        let length = list.len() as u64;
        if let Some(wanted) = outside(length, self.items_at_least, self.items_at_most) {
            return Err(format!("{path} has {length} items, not {wanted}"));
        }
        let Some(items) = &self.items else { return Ok(()) };
        list.iter().enumerate().try_for_each(|(index, item)| items.check(item, &Path::Item(path, index)))
    }

    fn check_object(&self, object: &Map<String, Value>, path: &Path<'_>) -> Result<(), String> {
        if let Some(missing) = self.required.iter().find(|name| !object.contains_key(*name)) {
            return Err(format!("{path} lacks {missing:?}"));
        }
        for (name, value) in object {
            match self.properties.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
                Ok(location) => {
                    if let Some((_, rules)) = self.properties.get(location) {
                        rules.check(value, &Path::Key(path, name))?;
                    }
                }
                Err(_) if self.closed => return Err(format!("{path} has {}, which is not asked for", excerpt(name))),
                Err(_) => {}
            }
        }
        Ok(())
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        // 1.0 is an integer.
        Value::Number(number) => {
            name == "number" || name == "integer" && number.as_f64().is_none_or(|number| number.fract() == 0.0)
        }
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

/// The bound that a count violates, in words; `None` if it is within both.
fn outside(count: u64, least: Option<u64>, most: Option<u64>) -> Option<String> {
    let too_few = least.filter(|least| count < *least).map(|least| format!("at least {least}"));
    too_few.or_else(|| most.filter(|most| count > *most).map(|most| format!("at most {most}")))
}

/// Equality as in JSON Schema: 1 and 1.0 are equal.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare(a, b).is_eq(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// Compares exactly if both are whole numbers, else as `f64`.
fn compare(a: &Number, b: &Number) -> Ordering {
    let whole = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        // Both are finite; adding 0 turns −0 into 0.
        _ => (a.as_f64().unwrap_or_default() + 0.0).total_cmp(&(b.as_f64().unwrap_or_default() + 0.0)),
    }
}

fn excerpt_of_value(value: &Value) -> String {
    match value {
        Value::String(text) => excerpt(text),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".into(),
        other => other.to_string(),
    }
}
