//! The errors of a configuration.

use std::path::PathBuf;

use crate::{Source, limits};

/// A configuration cannot be resolved. No message repeats text that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read or is not TOML.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// A table or key does not exist.
    #[error("{origin}: {message}")]
    Unknown {
        /// Where the name came from.
        origin: Source,
        /// What was named, and which names exist.
        message: String,
    },
    /// A value is not allowed for its key.
    #[error("{origin}: {path}: {problem}")]
    Value {
        /// Where the value came from.
        origin: Source,
        /// Table and key, such as "run.n".
        path: String,
        /// What was given, and what is allowed.
        problem: String,
    },
    /// A fault of this program.
    #[error(
        "the configuration passed all checks but cannot be read: {0}\nThis is a bug in rescue-host: please report it."
    )]
    Bug(String),
}

/// `text`, shortened and on one line, for a message.
pub(crate) fn cut(text: &str) -> String {
    let mut short: String =
        text.chars().take(limits::SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(limits::SHOWN).is_some() {
        short.push('…');
    }
    short
}
