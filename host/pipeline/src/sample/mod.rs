//! One sample: an image with a query, and the two passes that compute its result.

mod answer;
mod briefs;
mod candidates;
mod choice;
mod flow;
mod further;
mod known_only;
mod leaders;
mod matches;
mod options;
mod pass;
mod planning;
mod prefix;
mod ranking;
mod rests_on;
mod result_record;
mod scoring;
mod selection;
mod telling;
mod timings;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rescue_core::Photo;

use crate::input::{self, InputError};
use crate::photo::{self, PhotoError};

pub use self::choice::{Choice, Chosen, MatchCounts, MatchEnding, PlayedMatch, Unmade};
pub use self::known_only::Expected;
pub use self::options::{Ask, Further, Options};
pub use self::pass::Outcome;
pub use self::rests_on::RestsOn;
pub use self::result_record::{ChosenRecord, Counts, ImageRecord, LostRecord, PlaceRecord, RESULT_FORM, Record, State};
pub use self::timings::{LivePass, RunTimings, Timings};

pub(crate) use self::further::{Ahead, look_ahead};
pub(crate) use self::pass::{Live, Surroundings, search};

/// The photo of the bundled example.
const EXAMPLE: &[u8] = include_bytes!("../../../../examples/photos/horses.jpg");

/// One image with one query.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The decoded image.
    pub photo: Arc<Photo>,
    /// The image's file. `None` if the image came from memory.
    pub file: Option<PathBuf>,
    /// What to find, in a sentence.
    pub query: String,
    /// The name of the sample in a run over several. `None` if it is searched alone.
    pub id: Option<String>,
    /// The number of the sample in a run over several, from 0. Its questions get free slots before those of later samples.
    pub number: u64,
    /// The seed of its search. `None` if it is that of the run.
    pub seed: Option<u64>,
}

impl Sample {
    /// Reads the image from a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or is no image that this program takes.
    pub fn read(file: impl AsRef<Path>, query: impl Into<String>) -> Result<Self, PhotoError> {
        let file = file.as_ref();
        let photo = Arc::new(photo::read(file)?);
        Ok(Self { photo, file: Some(file.to_owned()), query: query.into(), id: None, number: 0, seed: None })
    }

    /// The bundled example: a photo of horses, and "the horse on the right".
    ///
    /// # Errors
    ///
    /// Returns an error if the bundled photo cannot be decoded.
    pub fn example() -> Result<Self, PhotoError> {
        let photo = photo::decode(EXAMPLE).map_err(|cause| PhotoError { file: "the bundled photo".into(), cause })?;
        let query = "the horse on the right".into();
        Ok(Self { photo: Arc::new(photo), file: None, query, id: None, number: 0, seed: None })
    }

    /// Checks the query and the options against this program's limits. A search checks them again.
    ///
    /// # Errors
    ///
    /// Returns an error if the query is empty, too long or not one line, or if so many hypotheses of this image exceed a limit.
    pub fn check(&self, options: &Options) -> Result<(), InputError> {
        input::query(&self.query)?;
        input::count(options.count, self.photo.size())
    }
}
