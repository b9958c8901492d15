//! What ends a run without a result.

use rescue_mask::MaskError;
use rescue_plugin::PluginError;
use rescue_service::ServiceError;

use crate::crew::CrewError;
use crate::input::InputError;
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
    /// A service failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Masks of different sizes met.
    #[error(transparent)]
    Mask(#[from] MaskError),
}
