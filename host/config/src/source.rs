//! The sources of configuration values.

use std::{fmt, path::PathBuf};

use serde::Serialize;
use serde_json::Value;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// The default of the key.
    Default,
    /// The URL that the original system uses, for a service that is configured without a URL.
    Original,
    /// A configuration file.
    File {
        /// The path of the file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// The name of the variable.
        variable: String,
    },
    /// A flag.
    Flag {
        /// The flag as the user writes it, such as "--n".
        flag: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Original => f.write_str("default of the original system"),
            Self::File { path, line } => write!(f, "file {}, line {line}", path.display()),
            Self::Environment { variable } => write!(f, "environment {variable}"),
            Self::Flag { flag } => write!(f, "flag {flag}"),
        }
    }
}

/// A value that a flag sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// The flag as the user writes it, such as "--n".
    pub flag: String,
    /// Table and key, such as "run.n" or "settings.tournament.seeding".
    pub path: String,
    /// The value.
    pub value: Value,
}

/// A value of a resolved configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Table and key, such as "run.n" or "settings.tournament.seeding".
    pub path: String,
    /// The value that is used; for a secret, "(set)" or "(not set)".
    pub value: Value,
    /// Where the value came from.
    pub source: Source,
    /// Whether the value is a secret, which is not shown.
    pub secret: bool,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = ", self.path)?;
        match &self.value {
            Value::Null => f.write_str("none")?,
            Value::Array(list) if list.is_empty() => f.write_str("none")?,
            Value::String(text) if self.secret => f.write_str(text)?,
            value => write!(f, "{value}")?,
        }
        write!(f, "  ({})", self.source)
    }
}
