//! What a plugin may call: the log, and look-ups in the sample.

use crate::bindings::shared::rescue::plugin::{log as border_log, sample as border_sample};
use crate::{CandidateId, Rect};
use alloc::string::String;

pub use border_log::Level;
pub use border_sample::Raster;

/// Writes a message for people. It never changes a result. Outside of a component it goes nowhere.
pub fn log(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        border_log::write(level, message);
    }
}

/// Look-ups in the sample at hand. They are pure. A test implements this to show a plugin a sample of its own.
pub trait Look {
    /// The photo inside `area`, no longer on its longer side than `max_side` (0: full size), three bytes a pixel.
    fn pixels(&self, area: Rect, max_side: u32) -> Result<Raster, String>;

    /// The mask of a candidate on the grid that [`Look::pixels`] gives for the same arguments: 255 inside, 0 outside.
    fn mask(&self, id: CandidateId, area: Rect, max_side: u32) -> Result<Raster, String>;

    /// Intersection over union of the masks of two candidates, 0 to 1.
    fn iou(&self, a: CandidateId, b: CandidateId) -> Result<f64, String>;

    /// Why the planner proposed a candidate.
    fn reasoning(&self, id: CandidateId) -> Result<String, String>;
}

/// The host's sample. Outside of a component every look-up fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample;

/// Calls the border inside a component, fails outside.
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
    /// The pixels, by rows.
    pub fn colours(&self) -> impl Iterator<Item = [u8; 3]> + '_ {
        self.data.as_chunks::<3>().0.iter().copied()
    }
}
