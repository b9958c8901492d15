//! Errors that end a run without a result.

use rescue_ledger::LedgerError;
use rescue_mask::MaskError;
use rescue_plugin::PluginError;
use rescue_service::ServiceError;

use crate::exchange::ExchangeError;
use crate::input::InputError;
use crate::photo::PhotoError;
use crate::plugins::PluginChoiceError;
use crate::whole_file::WriteError;

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The query or the options are outside the limits.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The plugins cannot be loaded, or not be used together.
    #[error(transparent)]
    Plugins(#[from] PluginChoiceError),
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A service or the ledger failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// A file of the run cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A sample's photo cannot be read.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The folder of a run holds another one.
    #[error(
        "{} holds another run: {difference}. Choose another --out; --ledger {} takes over what was answered",
        folder.display(),
        folder.join("ledger").display()
    )]
    OtherRun {
        /// The folder.
        folder: std::path::PathBuf,
        /// What differs.
        difference: String,
    },
    /// A sample's photo is not the one that was searched.
    #[error("{} is another photo than the one that was searched", .0.display())]
    OtherPhoto(std::path::PathBuf),
    /// Two masks have different sizes.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// A run with a folder was asked for a second sample.
    #[error("{} holds a sample already: open a run with another folder, or with none, for the next one", .0.display())]
    SecondSample(std::path::PathBuf),
    /// The system gives the program no threads.
    #[error("the host could not start its runtime: {0}")]
    Runtime(std::io::Error),
}

impl From<ServiceError> for RunError {
    fn from(error: ServiceError) -> Self {
        Self::Exchange(error.into())
    }
}

impl From<LedgerError> for RunError {
    fn from(error: LedgerError) -> Self {
        Self::Exchange(error.into())
    }
}
