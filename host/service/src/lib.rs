//! The models behind `rescue-host`: what an executor and a detector are, and the embedded networks that run on the processor
//! where there is no better service.
//!
//! Nothing here knows of plugins.

mod coco;
mod error;
mod models;
mod network;
mod recent;
mod resize;
mod sam;
mod traits;

pub use coco::EmbeddedDetector;
pub use error::ServiceError;
pub use models::{MODELS_DIR, Models};
pub use sam::EmbeddedExecutor;
pub use traits::{BoxFuture, Detector, Executor, ModelId, Segment};
