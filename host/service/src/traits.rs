//! What a service offers, wherever its model runs.
//!
//! The futures are boxed and bound to no runtime: an embedded network computes inside its future, a remote one waits there.

use std::pin::Pin;

use rescue_core::{Detection, Digest, Photo, Prompt};
use rescue_mask::Mask;

use crate::ServiceError;

/// A future that any runtime can drive, on any of its threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Which model answers; part of every result that is written down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId {
    /// Its name, for people.
    pub name: String,
    /// A digest of its weights, or of what else tells one revision of it from another.
    pub revision: Digest,
}

/// One object, cut out.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The pixels that it covers, at least one; as large as the photo.
    pub mask: Mask,
    /// How well the model thinks that the mask fits, as intersection over union, 0 to 1; none where it does not say.
    pub predicted_iou: Option<f64>,
}

/// Segments what prompts point at.
pub trait Executor: Send + Sync {
    /// Which model this is.
    fn model(&self) -> &ModelId;

    /// One entry per prompt, in the order asked. An inner error says why there is no mask for that prompt; an empty mask is
    /// such an error, too.
    ///
    /// # Errors
    ///
    /// The outer error is the service's: no prompt was answered.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<Vec<Result<Segment, String>>, ServiceError>>;
}

/// Finds the things that a phrase names.
pub trait Detector: Send + Sync {
    /// Which model this is.
    fn model(&self) -> &ModelId;

    /// What was found, the surest first; empty where there is nothing of that kind.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Unsupported`] for a phrase that the detector does not know; [`ServiceError::Failed`] where it does not
    /// work.
    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<Vec<Detection>, ServiceError>>;
}
