//! Look-ups in an event log.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::border::rescue::plugin::types::{Rect, Size};

/// A look-up in the sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// Pixels of the photo: the area, and the longest side in pixels (0: full size).
    Pixels(Rect, u32),
    /// The mask of a candidate: its id, the area, and the longest side in pixels (0: full size).
    Mask(u32, Rect, u32),
    /// The IoU of two candidates, by id.
    Iou(u32, u32),
    /// The planner's reasoning for a candidate, by id.
    Reasoning(u32),
}

/// What a look-up showed.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// Pixels (3 bytes each: red, green, blue) or a mask (1 byte each), by rows from the top.
    Raster(Size, Arc<Vec<u8>>),
    /// An IoU, 0 to 1.
    Number(f64),
    /// A reasoning.
    Text(String),
    /// Nothing, with the reason.
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

/// The look-ups of one recorded call, in order. A retraced plugin is shown the same in place of the sample.
#[derive(Debug, Default)]
pub(crate) struct Replay(pub(crate) VecDeque<Looked>);

/// A retraced plugin looked up something else than before.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("it looked up {now:?}, and {} in the event log", before.as_ref().map_or("nothing".into(), |before| format!("{before:?}")))]
pub struct Unexpected {
    /// What it looked up at this point according to the event log; `None` if it looked up nothing more.
    pub before: Option<Look>,
    /// What it looked up now.
    pub now: Look,
}

impl Replay {
    /// What the next look-up showed before. Fails if `look` is another look-up.
    pub(crate) fn next(&mut self, look: Look) -> Result<Shown, Unexpected> {
        match self.0.pop_front() {
            Some(looked) if looked.look == look => Ok(looked.shown),
            other => Err(Unexpected { before: other.map(|looked| looked.look), now: look }),
        }
    }
}
