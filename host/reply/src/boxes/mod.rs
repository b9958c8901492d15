//! Places in a photo.

mod convention;

use rescue_core::{Rect, Size};

use crate::{Said, Unreadable};
pub use convention::Convention;

/// How the photo was shown to the model, and how it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// How the model states coordinates.
    pub convention: Convention,
    /// The size of the picture as it was sent.
    pub shown: Size,
    /// Where in that picture the photo's part is, in the picture's pixels.
    pub panel: Rect,
    /// That part, in pixels of the original photo.
    pub area: Rect,
    /// The size of the original photo.
    pub photo: Size,
}

/// What was found in a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// In the model's order; empty where it says that there is nothing.
    pub found: Vec<Found>,
    /// What was repaired, dropped or read in another way than stated, for people.
    pub notes: Vec<String>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where, in pixels of the original photo.
    pub rect: Rect,
    /// What the model calls it; empty where it does not say.
    pub label: String,
    /// How sure it is, 0 to 1, where it says so.
    pub score: Option<f64>,
}

/// The places in a reply.
pub fn boxes(said: &Said, frame: &Frame) -> Result<Boxes, Unreadable> {
    let _ = (crate::unreadable::answer(said)?, frame);
    Err(Unreadable::new("not read yet"))
}

/// Which conventions give the known place.
pub fn fitting(said: &Said, frame: &Frame, truth: Rect) -> Vec<&'static str> {
    let _ = (said, frame, truth);
    Vec::new()
}
