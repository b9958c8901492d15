//! What ends a run without a result.

use rescue_mask::MaskError;
use rescue_plugin::PluginError;

use crate::crew::CrewError;
use crate::exchange::ExchangeError;
use crate::input::InputError;
use crate::journal::JournalError;
use crate::photo::PhotoError;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The photo could not be read.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The query or the options cannot be worked with.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The plugins do not go together.
    #[error(transparent)]
    Crew(#[from] CrewError),
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A service or the ledger failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Masks of different sizes met.
    #[error(transparent)]
    Mask(#[from] MaskError),
}
