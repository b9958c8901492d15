//! Prompts for executors, and the detections of detectors.

use serde::{Deserialize, Serialize};

use crate::{Point, Rect};

/// A prompt tells an executor what to segment. A concept alone stands for all its instances, a box or points for one
/// object, and a concept with a box for the instances of the concept that overlap the box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// The concept as a noun phrase; empty if there is no concept.
    pub concept: String,
    /// The box around the object; `None` if there is no box.
    pub rect: Option<Rect>,
    /// Points inside and outside the object; empty if there are no points.
    pub points: Vec<Point>,
}

/// An object that a detector found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// The box around the object, clipped to the image.
    pub rect: Rect,
    /// The name of the object's class.
    pub label: String,
    /// The detector's score, 0 to 1.
    pub score: f64,
}
