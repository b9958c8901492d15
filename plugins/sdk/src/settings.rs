//! Settings: a struct and its JSON Schema from one description.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use serde_json::{Map, Value};

/// What can be set. [`crate::settings!`] implements it.
pub trait Settings: Sized {
    /// A JSON Schema of an object, each property with a description and a default.
    fn schema() -> String;

    /// Reads them; what is missing has its default. The error names the setting, what is wrong and what is allowed.
    fn read(json: &str) -> Result<Self, String>;
}

/// A plugin without settings.
impl Settings for () {
    fn schema() -> String {
        schema(&[])
    }

    fn read(json: &str) -> Result<Self, String> {
        Fields::parse(json)?.finish()
    }
}

/// The type of one setting: `bool`, `u32`, `f64`, `String` or an enum of [`crate::choices!`].
pub trait Setting: Sized + Clone {
    /// What its JSON Schema says besides description and default.
    fn schema() -> Value;
    /// From JSON, if it is one.
    fn read(value: &Value) -> Option<Self>;
    /// To JSON.
    fn write(&self) -> Value;
    /// Whether a range holds it.
    fn within(&self, range: &RangeInclusive<Self>) -> bool;
}

/// Implements [`Setting`] for a plain type of JSON.
macro_rules! plain {
    ($type:ty, $name:literal, |$value:ident| $read:expr) => {
        impl Setting for $type {
            fn schema() -> Value {
                Value::Object(Map::from_iter([("type".to_owned(), Value::from($name))]))
            }

            fn read($value: &Value) -> Option<Self> {
                $read
            }

            fn write(&self) -> Value {
                Value::from(self.clone())
            }

            fn within(&self, range: &RangeInclusive<Self>) -> bool {
                range.contains(self)
            }
        }
    };
}

plain!(bool, "boolean", |value| value.as_bool());
plain!(u32, "integer", |value| value.as_u64().and_then(|value| Self::try_from(value).ok()));
plain!(f64, "number", |value| value.as_f64());
plain!(String, "string", |value| value.as_str().map(str::to_owned));

/// One property of a schema.
#[must_use]
pub fn property<T: Setting>(
    name: &str,
    lines: &[&str],
    default: &T,
    range: Option<RangeInclusive<T>>,
) -> (String, Value) {
    let mut schema = T::schema();
    if let Some(object) = schema.as_object_mut() {
        if let Some(range) = range {
            object.insert("minimum".to_owned(), range.start().write());
            object.insert("maximum".to_owned(), range.end().write());
        }
        object.insert("description".to_owned(), Value::from(text(lines)));
        object.insert("default".to_owned(), default.write());
    }
    (name.to_owned(), schema)
}

/// Doc comments as one line of text.
fn text(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// A schema of these properties.
#[must_use]
pub fn schema(properties: &[(String, Value)]) -> String {
    Value::Object(Map::from_iter([
        ("type".to_owned(), Value::from("object")),
        ("additionalProperties".to_owned(), Value::from(false)),
        ("properties".to_owned(), Value::Object(properties.iter().cloned().collect())),
    ]))
    .to_string()
}

/// The settings as they came, taken out one by one.
#[derive(Debug, Default)]
pub struct Fields {
    fields: Map<String, Value>,
}

impl Fields {
    /// Reads an object; nothing counts as an empty one.
    pub fn parse(json: &str) -> Result<Self, String> {
        if json.trim().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_str(json) {
            Ok(Value::Object(fields)) => Ok(Self { fields }),
            Ok(other) => Err(format!("settings must be a JSON object, not {other}")),
            Err(error) => Err(format!("settings are not JSON: {error}")),
        }
    }

    /// Takes one setting, or its default.
    pub fn take<T: Setting>(&mut self, name: &str, default: T, range: Option<RangeInclusive<T>>) -> Result<T, String> {
        let Some(value) = self.fields.remove(name) else { return Ok(default) };
        match T::read(&value) {
            Some(read) if range.as_ref().is_none_or(|range| read.within(range)) => Ok(read),
            _ => Err(format!("setting \"{name}\" is {value}, which is not {}", allowed::<T>(range))),
        }
    }

    /// Refuses what is left over.
    pub fn finish(self) -> Result<(), String> {
        match self.fields.keys().next() {
            Some(name) => Err(format!("there is no setting \"{name}\"")),
            None => Ok(()),
        }
    }
}

/// What a setting may be, for people.
fn allowed<T: Setting>(range: Option<RangeInclusive<T>>) -> String {
    let schema = T::schema();
    let kind = match (schema.get("enum"), schema.get("type").and_then(Value::as_str)) {
        (Some(values), _) => format!("one of {values}"),
        (None, kind) => format!("of type {}", kind.unwrap_or("any")),
    };
    range.map_or_else(|| kind.clone(), |r| format!("{kind} from {} to {}", r.start().write(), r.end().write()))
}

/// Describes settings once: the struct, its defaults, its reader and its JSON Schema.
///
/// ```
/// use rescue_plugin_sdk::{Settings as _, choices, settings};
///
/// choices! {
///     /// Where the order comes from.
///     pub enum Order {
///         /// As they came.
///         Given = "given",
///         /// By lot.
///         Random = "random",
///     }
/// }
///
/// settings! {
///     /// How it is done.
///     pub struct Settings {
///         /// Where the order comes from.
///         pub order: Order = Order::Given;
///         /// How often it is tried.
///         pub tries: u32 = 3, 1..=8;
///     }
/// }
///
/// let settings = Settings::read(r#"{"order": "random"}"#).unwrap();
/// assert_eq!((settings.order, settings.tries), (Order::Random, 3));
/// assert!(Settings::read(r#"{"tries": 9}"#).unwrap_err().contains("from 1 to 8"));
/// assert!(Settings::schema().contains("How often it is tried."));
/// ```
#[macro_export]
macro_rules! settings {
    ($(#[doc = $about:literal])* $pub:vis struct $name:ident {
        $($(#[doc = $doc:literal])* $vis:vis $field:ident: $type:ty = $default:expr $(, $range:expr)?;)*
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        $pub struct $name {
            $($(#[doc = $doc])* $vis $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::Settings for $name {
            fn schema() -> $crate::support::String {
                let defaults = Self::default();
                $crate::support::schema(&[$($crate::support::property(
                    stringify!($field),
                    &[$($doc),*],
                    &defaults.$field,
                    $crate::settings!(@range $($range)?),
                ),)*])
            }

            fn read(json: &str) -> Result<Self, $crate::support::String> {
                let mut fields = $crate::support::Fields::parse(json)?;
                let defaults = Self::default();
                let read = Self {
                    $($field: fields.take(
                        stringify!($field),
                        defaults.$field,
                        $crate::settings!(@range $($range)?),
                    )?,)*
                };
                fields.finish()?;
                Ok(read)
            }
        }
    };
    (@range) => { None };
    (@range $range:expr) => { Some($range) };
}

/// An enum that can be a setting, each case with its name in JSON.
#[macro_export]
macro_rules! choices {
    ($(#[$about:meta])* $pub:vis enum $name:ident { $($(#[$doc:meta])* $case:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        $pub enum $name {
            $($(#[$doc])* $case,)+
        }

        impl $crate::Setting for $name {
            fn schema() -> $crate::support::Value {
                let names: $crate::support::Vec<$crate::support::Value> =
                    $crate::support::vec![$($crate::support::Value::from($text)),+];
                [("enum", names)].into_iter().collect()
            }

            fn read(value: &$crate::support::Value) -> Option<Self> {
                match value.as_str()? {
                    $($text => Some(Self::$case),)+
                    _ => None,
                }
            }

            fn write(&self) -> $crate::support::Value {
                $crate::support::Value::from(match self {
                    $(Self::$case => $text,)+
                })
            }

            fn within(&self, range: &core::ops::RangeInclusive<Self>) -> bool {
                range.contains(self)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    settings! {
        /// Test.
        struct Some3 {
            /// A share,
            /// of something.
            share: f64 = 0.25, 0.0..=1.0;
            /// Switch.
            on: bool = true;
            /// A word.
            word: String = "x".to_owned();
        }
    }

    #[test]
    fn schema_and_reader_agree() {
        let schema: Value = serde_json::from_str(&Some3::schema()).unwrap();
        let share = &schema["properties"]["share"];
        assert_eq!(share["description"], "A share, of something.");
        assert_eq!(share["default"], 0.25);
        assert_eq!((&share["minimum"], &share["maximum"]), (&Value::from(0.0), &Value::from(1.0)));
        assert_eq!(Some3::read("").unwrap(), Some3::default());
        let read = Some3::read(r#"{"share": 1, "on": false, "word": "y"}"#).unwrap();
        assert_eq!(read, Some3 { share: 1.0, on: false, word: "y".to_owned() });
    }

    #[test]
    fn mistakes_are_named() {
        for (json, part) in [
            (r#"{"share": 2}"#, "from 0.0 to 1.0"),
            (r#"{"share": "a"}"#, "number"),
            (r#"{"none": 1}"#, "no setting \"none\""),
            ("[]", "object"),
            ("{", "not JSON"),
        ] {
            assert!(Some3::read(json).unwrap_err().contains(part), "{json}");
        }
        assert!(<() as Settings>::read("{}").is_ok());
    }
}
