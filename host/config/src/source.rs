//! Where values come from.

use std::{fmt, path::PathBuf};

use serde::Serialize;
use serde_json::Value;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// Nobody gave it.
    Default,
    /// Nobody gave the URL of a service that is wanted: it is where the original system has that service.
    Original,
    /// A configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// A flag.
    Flag {
        /// The flag as people know it, such as "--n".
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

/// A value that a flag gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// The flag as people know it, such as "--n".
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
    /// The value as it is used; of a secret, "(set)" or "(not set)".
    pub value: Value,
    /// Where it came from.
    pub source: Source,
    /// Whether the value stands for a secret.
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
