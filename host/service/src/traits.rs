//! The interfaces of executors and detectors, which remote and embedded models implement alike.
//!
//! The futures are boxed and depend on no async runtime. An embedded network computes inside its future; a client of a server waits
//! inside it.

use std::pin::Pin;

use rescue_core::{Detection, Photo, Prompt};
use rescue_mask::{Mask, Rle};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::Source;
use crate::error::AskError;

/// A boxed future that can move between threads and needs no particular runtime.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The identity of a model. It is part of every recorded result and of every question's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelId {
    /// The name by which its server knows it.
    pub name: String,
    /// Its revision: a digest of the weights for embedded models, what the user declares for others.
    pub revision: String,
}

/// The mask of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The pixels of the object, at least one. The mask has the size of the photo.
    pub mask: Mask,
    /// The intersection over union that the model predicts for its mask, as it came; `None` if it predicts none. Models may state
    /// slightly more than 1: see [`clamped`](crate::clamped).
    pub predicted_iou: Option<f64>,
}

/// The result of one prompt: the object's mask, or the reason why there is none. The reason's text is part of the recorded answer:
/// rewording it changes the digests of results.
pub type Segmented = Result<Segment, String>;

/// One result of a response breaks the contract, while the others do not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct BadItem {
    /// What is wrong, and with which one.
    pub why: String,
}

impl BadItem {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// The results of a response, each with its own mistake if it has one.
pub type Items<T> = Vec<Result<T, BadItem>>;

/// The ledger's form of a [`Segmented`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    Mask { rle: Rle, predicted_iou: Option<f64> },
    None { why: String },
}

/// The result of a prompt in the ledger's form.
///
/// # Errors
///
/// Returns an error if it cannot be written as JSON.
pub fn write_segmented(segmented: &Segmented) -> Result<Value, serde_json::Error> {
    serde_json::to_value(match segmented {
        Ok(Segment { mask, predicted_iou }) => Written::Mask { rle: mask.to_rle(), predicted_iou: *predicted_iou },
        Err(why) => Written::None { why: why.clone() },
    })
}

/// The result of a prompt, read from the ledger's form.
///
/// # Errors
///
/// Returns an error if the value is not the result of a prompt.
pub fn read_segmented(value: &Value) -> Result<Segmented, serde_json::Error> {
    Ok(match Written::deserialize(value)? {
        Written::Mask { rle, predicted_iou } => Ok(Segment { mask: rle.to_mask(), predicted_iou }),
        Written::None { why } => Err(why),
    })
}

/// Segments the objects that prompts describe.
pub trait Executor: Send + Sync {
    /// The model's identity.
    fn model(&self) -> &ModelId;

    /// Returns one result per prompt, in the order of `prompts`. The result is an error text if there is no mask for that prompt,
    /// which includes a mask without pixels. A result that breaks the contract is a [`BadItem`], and no answer.
    ///
    /// # Errors
    ///
    /// Returns an error if the service fails. Then no prompt was answered.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<(Items<Segmented>, Source), AskError>>;
}

/// The detections in a photo by descending score, or the reason why the detector cannot look for the phrase. The reason's text is
/// part of the recorded answer: rewording it changes the digests of results.
pub type Detected = Result<Vec<Detection>, String>;

/// Finds the objects that a phrase names.
pub trait Detector: Send + Sync {
    /// The model's identity.
    fn model(&self) -> &ModelId;

    /// Returns the detections by descending score; empty if the photo has no such object. The result is an error text if the
    /// detector cannot look for this phrase; the text says what it can look for.
    ///
    /// # Errors
    ///
    /// Returns an error if the service fails.
    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<(Detected, Source), AskError>>;
}
