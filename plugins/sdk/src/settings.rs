//! Settings: one description gives a struct, its defaults, its reader and its JSON Schema.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use serde_json::{Map, Value};

/// The settings of a plugin. [`crate::settings!`] implements this trait.
pub trait Settings: Sized {
    /// The JSON Schema: an object, in which each property has a description and a default.
    fn schema() -> String;

    /// Reads settings from JSON text. A setting that is missing gets its default.
    ///
    /// # Errors
    ///
    /// Fails if the text is not a JSON object, or a setting is unknown, of the wrong type or out of range. The message
    /// names the setting and what is allowed.
    fn read(json: &str) -> Result<Self, String>;
}

/// The settings of a plugin that has none.
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
    /// The JSON Schema of the type, without description and default.
    fn schema() -> Value;
    /// Reads a value from JSON; `None` if it has the wrong type.
    fn read(value: &Value) -> Option<Self>;
    /// Writes the value as JSON.
    fn write(&self) -> Value;
    /// Whether the value is in this range.
    fn within(&self, range: &RangeInclusive<Self>) -> bool;
}

/// Implements [`Setting`] for a simple type of JSON.
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

/// The name and schema of one property.
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

/// Joins the lines of a doc comment into one line.
fn text(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The schema of an object with these properties.
#[must_use]
pub fn schema(properties: &[(String, Value)]) -> String {
    Value::Object(Map::from_iter([
        ("type".to_owned(), Value::from("object")),
        ("additionalProperties".to_owned(), Value::from(false)),
        ("properties".to_owned(), Value::Object(properties.iter().cloned().collect())),
    ]))
    .to_string()
}

/// The fields of a JSON object, taken out one by one.
#[derive(Debug, Default)]
pub struct Fields {
    fields: Map<String, Value>,
}

impl Fields {
    /// Reads a JSON object. Empty text counts as an empty object. Fails if the text is anything else.
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

    /// Takes out one setting, or returns its default if it is missing. Fails if its type or range is wrong.
    pub fn take<T: Setting>(&mut self, name: &str, default: T, range: Option<RangeInclusive<T>>) -> Result<T, String> {
        let Some(value) = self.fields.remove(name) else { return Ok(default) };
        match T::read(&value) {
            Some(read) if range.as_ref().is_none_or(|range| read.within(range)) => Ok(read),
            _ => Err(format!("setting \"{name}\" is {value}, which is not {}", allowed::<T>(range))),
        }
    }

    /// Fails if any field is left.
    pub fn finish(self) -> Result<(), String> {
        match self.fields.keys().next() {
            Some(name) => Err(format!("there is no setting \"{name}\"")),
            None => Ok(()),
        }
    }
}

/// The type and range of a setting, in words.
fn allowed<T: Setting>(range: Option<RangeInclusive<T>>) -> String {
    let schema = T::schema();
    let kind = match (schema.get("enum"), schema.get("type").and_then(Value::as_str)) {
        (Some(values), _) => format!("one of {values}"),
        (None, kind) => format!("of type {}", kind.unwrap_or("any")),
    };
    range.map_or_else(|| kind.clone(), |r| format!("{kind} from {} to {}", r.start().write(), r.end().write()))
}

/// Makes a struct of settings, with its defaults, its reader and its JSON Schema.
///
/// Write each setting as `pub name: type = default;` or, with the smallest and largest value allowed, `pub name: type =
/// default, 0.0..=1.0;`. Its doc comment becomes the description that `rescue-host plugin inspect` shows. The type is
/// `bool`, `u32`, `f64`, `String` or an enum made with [`choices!`](crate::choices!).
///
/// ```
/// use rescue_plugin_sdk::{Settings as _, choices, settings};
///
/// choices! {
///     /// How the order is chosen.
///     pub enum Order {
///         /// The order of the ids.
///         Given = "given",
///         /// A random order.
///         Random = "random",
///     }
/// }
///
/// settings! {
///     /// How the plugin works.
///     pub struct Settings {
///         /// How the order is chosen: by "given" id, or "random".
///         pub order: Order = Order::Given;
///         /// How many tries each match gets.
///         pub tries: u32 = 3, 1..=8;
///     }
/// }
///
/// let settings = Settings::read(r#"{"order": "random"}"#).unwrap();
/// assert_eq!((settings.order, settings.tries), (Order::Random, 3));
/// assert!(Settings::read(r#"{"tries": 9}"#).unwrap_err().contains("from 1 to 8"));
/// assert!(Settings::schema().contains("How many tries each match gets."));
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

/// Makes an enum that can be a setting of [`settings!`](crate::settings!). Each case has its name in JSON.
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
    fn the_schema_and_the_reader_agree() {
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
    fn errors_name_the_mistake() {
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
