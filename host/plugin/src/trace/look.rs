//! Look-ups as they stand in an event log.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::border::rescue::plugin::types::{Rect, Size};

/// A look-up in the sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// Pixels of the photo: area and longest side.
    Pixels(Rect, u32),
    /// The mask of a candidate: area and longest side.
    Mask(u32, Rect, u32),
    /// The IoU of two candidates.
    Iou(u32, u32),
    /// The planner's reasoning for a candidate.
    Reasoning(u32),
}

/// What a look-up showed.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// Pixels or a mask, by rows.
    Raster(Size, Arc<Vec<u8>>),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Nothing, and why.
    Nothing(String),
}

/// A look-up and what it showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// What was looked up.
    pub look: Look,
    /// What it showed.
    pub shown: Shown,
}

/// What a retraced plugin is shown in place of the sample: what was shown before, in the same order.
#[derive(Debug, Default)]
pub(crate) struct Gallery(pub(crate) VecDeque<Looked>);

/// A retraced plugin looked up something else.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("it looked up {now:?}, and {} in the event log", before.as_ref().map_or("nothing".into(), |before| format!("{before:?}")))]
pub struct Unexpected {
    /// What it looked up at this point according to the event log.
    pub before: Option<Look>,
    /// What it looked up now.
    pub now: Look,
}

impl Gallery {
    /// What this look-up showed before.
    pub(crate) fn show(&mut self, look: Look) -> Result<Shown, Unexpected> {
        match self.0.pop_front() {
            Some(looked) if looked.look == look => Ok(looked.shown),
            other => Err(Unexpected { before: other.map(|looked| looked.look), now: look }),
        }
    }
}
