//! Prompts for executors, and detections.

use serde::{Deserialize, Serialize};

use crate::{Point, Rect};

/// What an executor is asked to segment: with a concept alone, all its instances; with a box or points, this one object; with a
/// concept and a box, the concept's instances that overlap the box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// A noun phrase; empty if there is no concept.
    pub concept: String,
    /// The box around the object; `None` if there is no box.
    pub rect: Option<Rect>,
    /// Points inside and outside the object.
    pub points: Vec<Point>,
}

/// An object that a detector found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// The box around it, clipped to the image.
    pub rect: Rect,
    /// The name of its class.
    pub label: String,
    /// The detector's score, 0 to 1.
    pub score: f64,
}
