//! What ends a run that asks.

use std::sync::Arc;

use rescue_ledger::{Key, LedgerError};
use rescue_service::{EntryError, ServiceError};

/// What ends a run that asks.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A service cannot be worked with.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(Arc<LedgerError>),
    /// An entry of the ledger is of no use.
    #[error("the ledger's answer {key}: {cause}. `rescue-host ledger verify` looks at all of them")]
    Entry {
        /// Whose.
        key: Key,
        /// Why.
        cause: EntryError,
    },
    /// A replay needs an answer that the ledger does not have.
    #[error(
        "the ledger does not know the answer to a question for the {service} ({key}). It was recorded with other settings, plugins \
         or models, or not to its end: `rescue-host resume DIR` asks what is missing"
    )]
    Missing {
        /// Which service would be asked.
        service: &'static str,
        /// The question's key.
        key: Key,
    },
}

impl From<LedgerError> for ExchangeError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Arc::new(error))
    }
}
