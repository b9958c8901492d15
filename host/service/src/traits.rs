//! What a service offers, wherever its model runs.
//!
//! The futures are boxed and bound to no runtime: an embedded network computes inside its future, a remote one waits there. A client
//! sends one request for one call, and has no policy: retries, slots and the choice between replicas are its caller's.

use std::pin::Pin;

use rescue_core::{Detection, Photo, Prompt};
use rescue_mask::{Mask, Rle};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::Source;
use crate::error::AskError;

/// A future that any runtime can drive, on any of its threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Which model answers; part of every result that is written down, and of every question's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelId {
    /// Its name: that under which its server knows it.
    pub name: String,
    /// What tells one revision of it from another: a digest of its weights, or what its user declares.
    pub revision: String,
}

/// One object, cut out.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The pixels that it covers, at least one; as large as the photo.
    pub mask: Mask,
    /// How well the model thinks that the mask fits, as intersection over union, 0 to 1; none where it does not say.
    pub predicted_iou: Option<f64>,
}

/// What came of one prompt: what it points at, or why there is no mask.
pub type Segmented = Result<Segment, String>;

/// How the ledger holds what came of a prompt.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    Mask { rle: Rle, predicted_iou: Option<f64> },
    None { why: String },
}

/// As the ledger holds it.
///
/// # Errors
///
/// Where it has no JSON.
pub fn write_segmented(segmented: &Segmented) -> Result<Value, serde_json::Error> {
    serde_json::to_value(match segmented {
        Ok(Segment { mask, predicted_iou }) => Written::Mask { rle: mask.to_rle(), predicted_iou: *predicted_iou },
        Err(why) => Written::None { why: why.clone() },
    })
}

/// From the ledger.
///
/// # Errors
///
/// Where it is no such answer.
pub fn read_segmented(value: &Value) -> Result<Segmented, serde_json::Error> {
    Ok(match Written::deserialize(value)? {
        Written::Mask { rle, predicted_iou } => Ok(Segment { mask: rle.to_mask(), predicted_iou }),
        Written::None { why } => Err(why),
    })
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
    ) -> BoxFuture<'a, Result<(Vec<Segmented>, Source), AskError>>;
}

/// What a detector found, the surest first; or why it knows nothing of that name.
pub type Detected = Result<Vec<Detection>, String>;

/// Finds the things that a phrase names.
pub trait Detector: Send + Sync {
    /// Which model this is.
    fn model(&self) -> &ModelId;

    /// What was found, the surest first; empty where there is nothing of that kind. The inner error is for a phrase that the
    /// detector does not know: it says what it does know.
    ///
    /// # Errors
    ///
    /// The outer error is the service's.
    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<(Detected, Source), AskError>>;
}
