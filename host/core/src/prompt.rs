//! What executors and detectors are asked, and what a detector answers.

use serde::{Deserialize, Serialize};

use crate::{Point, Rect};

/// What an executor is asked to segment. A concept alone: all its instances. A rect or points: this one object.
/// A concept and a rect: the concept's instances that meet the rect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// A noun phrase; empty for none.
    pub concept: String,
    /// Where the object is.
    pub rect: Option<Rect>,
    /// Points that the object covers or does not.
    pub points: Vec<Point>,
}

/// A thing that a detector found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Where, clipped to the image.
    pub rect: Rect,
    /// What it was taken for.
    pub label: String,
    /// How sure the model is, 0 to 1.
    pub score: f64,
}
