//! The values of a pickle.

use std::fmt;
use std::sync::Arc;

/// A value of a pickle. A clone shares its parts with the original, as the parts of a pickle may do: what is walked as a
/// tree may have far more values than the file.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "no data set's file of this kind has more than texts and whole numbers so far")
)]
#[derive(Clone)]
pub(crate) enum Value {
    /// Python's `None`.
    Nil,
    /// A bool.
    Bool(bool),
    /// An integer, which Python 2 may have called a long.
    Int(i64),
    /// A float, which may be infinite or not a number.
    Float(f64),
    /// A text. A byte string of Python 2 is a text too: all of it is UTF-8, or each byte is a character of Latin-1.
    Text(Arc<str>),
    /// The `bytes` or `bytearray` of Python 3.
    Bytes(Arc<[u8]>),
    /// A list, tuple, set or frozenset, in the order of the file.
    List(Arc<[Value]>),
    /// A dict, in the order of the file. If a key occurs more than once, the last one counts.
    Dict(Arc<[(Value, Value)]>),
}

impl Value {
    /// What the value is, with an article, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "None",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "a byte string",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dict",
        }
    }

    /// The value of a dict's key. `None` if this is no dict, or has no such key. It looks at each key, so it is for the
    /// small dicts that stand for records.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.as_dict()?.iter().rev().find(|(name, _)| name.as_text() == Some(key)).map(|(_, value)| value)
    }

    /// The integer. `None` if this is something else, a bool or a float too.
    pub(crate) fn as_i64(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The float, or the integer as a float. `None` if this is something else.
    #[cfg(test)]
    pub(crate) fn as_f64(&self) -> Option<f64> {
        if let Self::Float(value) = self { Some(*value) } else { self.as_i64().map(|value| value as f64) }
    }

    /// The text. `None` if this is something else.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The byte string. `None` if this is something else; those of Python 2 are texts.
    #[cfg(test)]
    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The items of a list, tuple or set. `None` if this is something else.
    pub(crate) fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The keys and values of a dict. `None` if this is something else.
    pub(crate) fn as_dict(&self) -> Option<&[(Value, Value)]> {
        if let Self::Dict(pairs) = self { Some(pairs) } else { None }
    }
}

impl fmt::Debug for Value {
    /// Writes the kind only, since shared parts that are written out could have any length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
