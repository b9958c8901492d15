//! The functions of the host that a plugin may call: the log, and look-ups in the sample.

use crate::bindings::shared::rescue::plugin::{log as border_log, sample as border_sample};
use crate::{CandidateId, Rect};
use alloc::string::String;

pub use border_log::Level;
pub use border_sample::Raster;

/// Writes a message to the host's log, for people. It never changes a result. Outside of a component (in a native test)
/// it does nothing.
pub fn log(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        border_log::write(level, message);
    }
}

/// Look-ups in the current sample: the same arguments always give the same answer.
///
/// [`Sample`] asks the host. Make a plugin generic over this trait, and its tests can give it a sample of their own.
/// Every look-up fails with a message if the host refuses it, for example for a candidate that this session was not
/// told of.
pub trait Look {
    /// The photo inside `area`, three bytes (red, green, blue) per pixel. `area` is in pixels of the original image and
    /// is clipped to it; the result is shrunk to at most `max_side` pixels on its longer side, or not at all if
    /// `max_side` is 0.
    fn pixels(&self, area: Rect, max_side: u32) -> Result<Raster, String>;

    /// The mask of a candidate, one byte per pixel (255 inside, 0 outside), on the same grid as [`Look::pixels`] with
    /// the same `area` and `max_side`.
    fn mask(&self, id: CandidateId, area: Rect, max_side: u32) -> Result<Raster, String>;

    /// Intersection over union of the masks of two candidates, from 0 to 1.
    fn iou(&self, a: CandidateId, b: CandidateId) -> Result<f64, String>;

    /// The planner's reasoning for a candidate.
    fn reasoning(&self, id: CandidateId) -> Result<String, String>;
}

/// The sample that the host is working on. Outside of a component (in a native test) every look-up fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample;

/// Calls the host inside a component, and fails outside of one.
macro_rules! look {
    ($call:expr) => {
        if cfg!(target_family = "wasm") { $call } else { Err("there is no sample outside of a component".into()) }
    };
}

impl Look for Sample {
    fn pixels(&self, area: Rect, max_side: u32) -> Result<Raster, String> {
        look!(border_sample::pixels(area, max_side))
    }

    fn mask(&self, id: CandidateId, area: Rect, max_side: u32) -> Result<Raster, String> {
        look!(border_sample::mask(id, area, max_side))
    }

    fn iou(&self, a: CandidateId, b: CandidateId) -> Result<f64, String> {
        look!(border_sample::iou(a, b))
    }

    fn reasoning(&self, id: CandidateId) -> Result<String, String> {
        look!(border_sample::reasoning(id))
    }
}

impl Raster {
    /// The pixels (red, green, blue) of a photo, row by row from the top left.
    pub fn colours(&self) -> impl Iterator<Item = [u8; 3]> + '_ {
        self.data.as_chunks::<3>().0.iter().copied()
    }
}
