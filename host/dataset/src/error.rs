//! What is wrong with a data set.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Something in a data set that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetError {
    /// The file.
    pub file: PathBuf,
    /// Where in the file: a line, a row, or the id of an entry. Empty if the whole file is meant.
    pub place: String,
    /// What is wrong.
    pub cause: String,
    /// What can be done about it. Empty if nothing is known.
    pub way_out: String,
}

impl DatasetError {
    pub(crate) fn new(file: &Path, place: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: place.into(), cause: cause.into(), way_out: String::new() }
    }

    /// The error of a choice of entries ([`crate::Choice::of`]) of the data set at this path.
    pub fn from_choice(path: &Path, cause: String) -> Self {
        Self::new(path, "", cause)
    }

    pub(crate) fn io(file: &Path, error: &io::Error) -> Self {
        let cause =
            if error.kind() == io::ErrorKind::NotFound { "it does not exist".into() } else { error.to_string() };
        Self::new(file, "", cause)
    }

    #[must_use]
    pub(crate) fn way_out(self, way_out: impl Into<String>) -> Self {
        Self { way_out: way_out.into(), ..self }
    }
}

impl fmt::Display for DatasetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {}", self.cause)?;
        if self.way_out.is_empty() { Ok(()) } else { write!(f, ". {}", self.way_out) }
    }
}

impl std::error::Error for DatasetError {}
