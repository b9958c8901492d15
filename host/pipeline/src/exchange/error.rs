//! Errors that end a run while it gets answers.

use std::sync::Arc;

use rescue_ledger::{Key, LedgerError};
use rescue_service::{EntryError, Feature, ServiceError};

use crate::services::ServiceName;

/// An error that ends a run while it gets answers.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A service does not work.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A service has failed to answer any of a sample's questions.
    #[error(transparent)]
    Silent(ServiceError),
    /// The servers of a service refuse an optional part of its requests, and answer without it. A run leaves it out and goes on.
    #[error("{service}: the server refuses {}: {cause}", feature.what())]
    Feature {
        /// The service.
        service: ServiceName,
        /// The part.
        feature: Feature,
        /// The status and message of the server's response.
        cause: String,
    },
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(Arc<LedgerError>),
    /// An entry of the ledger cannot be used.
    #[error("the ledger's answer {key}: {cause}. `rescue-host ledger verify` looks at all of them")]
    Entry {
        /// The key of its question.
        key: Key,
        /// What is wrong with it.
        cause: EntryError,
    },
    /// A replay needs an answer that the ledger does not have.
    #[error(
        "the ledger does not know the answer to a question for the {service} ({key}). It was recorded with other settings, plugins \
         or models, or not to its end: then `rescue-host resume DIR` asks what is missing. If there is a result, the ledger has lost it: \
         `rescue-host ledger verify` says what is damaged"
    )]
    Missing {
        /// The service that would be asked.
        service: ServiceName,
        /// The question's key.
        key: Key,
    },
}

impl From<LedgerError> for ExchangeError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Arc::new(error))
    }
}
