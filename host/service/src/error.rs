//! What can go wrong with a service.

use std::time::Duration;

/// A service that does not work, or does not work now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service}: {cause}\n{way_out}")]
pub struct ServiceError {
    /// Which service, by the name a person knows it by.
    pub service: String,
    /// What happened.
    pub cause: String,
    /// What a person can do about it.
    pub way_out: String,
}

impl ServiceError {
    /// A failure of `service`.
    pub fn failed(service: &str, cause: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { service: service.to_owned(), cause: cause.into(), way_out: way_out.into() }
    }

    /// A photo that a network cannot be given.
    pub(crate) fn photo(service: &str, cause: impl Into<String>) -> Self {
        Self::failed(service, format!("the photo cannot be resized: {}", cause.into()), "Use another photo.")
    }

    /// A failure that only a change of the program can mend.
    pub fn bug(service: &str, cause: impl Into<String>) -> Self {
        Self::failed(service, cause, "This is a mistake in rescue-host: please report it.")
    }
}

/// Why one request got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The same request may well be answered when it is sent again: no connection, a server that is busy or broke off.
    #[error("{cause}")]
    Transient {
        /// What happened.
        cause: String,
        /// How long the server wants to be left alone.
        after: Option<Duration>,
    },
    /// What came is no answer: it does not keep to the contract. Sending again may help; sending less at once may, too.
    #[error("{cause}")]
    Breach {
        /// In which way.
        cause: String,
    },
    /// The server will not take this request, however often it is sent.
    #[error("{cause}")]
    Rejected {
        /// What it said.
        cause: String,
    },
    /// The service itself cannot be worked with.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl AskError {
    /// What this server sent breaks the contract.
    pub(crate) fn breach(url: &str, how: impl std::fmt::Display) -> Self {
        Self::Breach { cause: format!("{url} does not keep to the contract: {how}") }
    }

    /// May go better another time.
    pub(crate) fn passing(cause: impl Into<String>) -> Self {
        Self::Transient { cause: cause.into(), after: None }
    }
}
