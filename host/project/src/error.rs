//! What can be wrong with a project.

use std::io;
use std::path::PathBuf;

/// A project that cannot be made, built or tested.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// It is not known how to build what is there.
    #[error("{}: {cause}", path.display())]
    Unknown {
        /// The path.
        path: PathBuf,
        /// Why, and what would be right.
        cause: String,
    },
    /// A tool is missing, or another version of it is needed.
    #[error("{tool}: {cause}")]
    Tool {
        /// The tool.
        tool: String,
        /// What is wrong with it, and how to get it.
        cause: String,
    },
    /// The sources cannot be built.
    #[error("{} cannot be built:\n{told}", path.display())]
    Build {
        /// The sources.
        path: PathBuf,
        /// What the tool said.
        told: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {cause}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl ProjectError {
    pub(crate) fn file(file: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        move |cause| Self::File { file, cause }
    }
}
