//! What can go wrong with a service.

/// Why a service did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// The service does not work, or does not work now.
    #[error("{service}: {cause}\n{way_out}")]
    Failed {
        /// Which service, by the name a person knows it by.
        service: String,
        /// What happened.
        cause: String,
        /// What a person can do about it.
        way_out: String,
    },
    /// The service works, but not for this request; the message says what it does take.
    #[error("{message}")]
    Unsupported {
        /// What was asked, and what can be asked.
        message: String,
    },
}

impl ServiceError {
    /// A failure of `service`.
    pub(crate) fn failed(service: &str, cause: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self::Failed { service: service.to_owned(), cause: cause.into(), way_out: way_out.into() }
    }

    /// A photo that a network cannot be given.
    pub(crate) fn photo(service: &str, cause: impl Into<String>) -> Self {
        Self::failed(service, format!("the photo cannot be resized: {}", cause.into()), "Use another photo.")
    }

    /// A failure that only a change of the program can mend.
    pub(crate) fn bug(service: &str, cause: impl Into<String>) -> Self {
        Self::failed(service, cause, "This is a mistake in rescue-host: please report it.")
    }
}
