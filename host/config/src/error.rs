//! What can be wrong with a configuration.

use std::path::PathBuf;

use crate::{Source, limits};

/// Why there is no configuration. No message repeats what could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read, or is not TOML.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// A table or a key that there is not.
    #[error("{whence}: {message}")]
    Unknown {
        /// Who named it.
        whence: Source,
        /// What was named, and what there is.
        message: String,
    },
    /// A value that does not fit.
    #[error("{whence}: {path}: {problem}")]
    Value {
        /// Who gave it.
        whence: Source,
        /// Table and key.
        path: String,
        /// What was given, and what is allowed.
        problem: String,
    },
    /// What only a change of the program can mend.
    #[error("the configuration is checked, but does not fit: {0}\nThis is a mistake in rescue-host: please report it.")]
    Bug(String),
}

/// As much of `text` as a message repeats, on one line.
pub(crate) fn cut(text: &str) -> String {
    let mut short: String =
        text.chars().take(limits::SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(limits::SHOWN).is_some() {
        short.push('…');
    }
    short
}
