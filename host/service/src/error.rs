//! Errors of services.

use std::time::Duration;

use crate::feature::Feature;

/// A service cannot be used, for good or for now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service}: {cause}\n{way_out}")]
pub struct ServiceError {
    /// The service's name as shown to users.
    pub service: String,
    /// What went wrong.
    pub cause: String,
    /// What the user can do about it.
    pub way_out: String,
    /// Whether it is one sample that cannot be asked about, such as a photo that cannot be sent: the service may answer others.
    pub of_sample: bool,
}

impl ServiceError {
    /// An error of `service` with its cause and what the user can do about it.
    pub fn failed(service: &str, cause: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { service: service.to_owned(), cause: cause.into(), way_out: way_out.into(), of_sample: false }
    }

    /// As [`ServiceError::failed`], of one sample only.
    pub fn of_sample(service: &str, cause: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { of_sample: true, ..Self::failed(service, cause, way_out) }
    }

    /// A photo that cannot be resized for a network.
    pub(crate) fn photo(service: &str, cause: impl Into<String>) -> Self {
        Self::of_sample(service, format!("the photo cannot be resized: {}", cause.into()), "Use another photo.")
    }

    /// A failure that only a change of the program can mend.
    pub fn bug(service: &str, cause: impl Into<String>) -> Self {
        Self::failed(service, cause, "This is a mistake in rescue-host: please report it.")
    }
}

/// Whether a server says that it has too much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    /// It does not say so.
    None,
    /// It cannot answer now (503): it has too much to do, or something behind it does not work.
    Unavailable,
    /// It is sent more than it takes at a time (429), and takes the same request later.
    TooMany,
}

/// The reason why one request got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The server cannot be reached. The same request may succeed at another one, or later.
    #[error("{cause}")]
    Unreachable {
        /// What went wrong.
        cause: String,
    },
    /// The same request may succeed when it is sent again: the server was busy, or broke off the connection.
    #[error("{cause}")]
    Transient {
        /// What went wrong.
        cause: String,
        /// How long to wait before the next attempt, as the server's `Retry-After` says; `None` if it does not say.
        after: Option<Duration>,
        /// Whether the server says that it has too much to do.
        pressure: Pressure,
    },
    /// The server's response breaks its contract. Another attempt, or a smaller batch, may succeed.
    #[error("{cause}")]
    Breach {
        /// How the response breaks the contract.
        cause: String,
    },
    /// The server rejects this request, and would reject it again.
    #[error("{cause}")]
    Rejected {
        /// The status and message of the server's response.
        cause: String,
    },
    /// The server refuses an optional part of the request. Without it, it answers, or refuses another part.
    #[error("{cause}")]
    Feature {
        /// The part.
        feature: Feature,
        /// The status and message of the server's response.
        cause: String,
    },
    /// The service itself cannot be used.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl AskError {
    /// The response of the server at `url` breaks the contract.
    pub(crate) fn breach(url: &str, how: impl std::fmt::Display) -> Self {
        Self::Breach { cause: format!("the response of {url} breaks the contract: {how}") }
    }

    /// A failure after which the same request may succeed, without a `Retry-After`.
    pub fn transient(cause: impl Into<String>) -> Self {
        Self::Transient { cause: cause.into(), after: None, pressure: Pressure::None }
    }
}
