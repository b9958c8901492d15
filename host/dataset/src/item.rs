//! One entry of a data set: a photo, a sentence, and what the sentence truly describes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rescue_mask::{Mask, Size};

use crate::bytes;
use crate::error::DatasetError;
use crate::rows::Row;
use crate::shape::other_size;
use crate::truth::{Truth, TruthSource};

/// A photo, which is read when it is needed.
#[derive(Clone, Debug)]
pub enum ImageSource {
    /// A file.
    File(PathBuf),
    /// A cell of a Parquet file.
    Row(Row),
}

impl ImageSource {
    /// The bytes of the photo's file.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, DatasetError> {
        match self {
            Self::File(file) => bytes::read(file, bytes::PICTURE),
            Self::Row(row) => row.image(),
        }
    }

    /// What people call it: the path of the file, or the file with its row.
    pub fn name(&self) -> String {
        match self {
            Self::File(file) => file.display().to_string(),
            Self::Row(row) => row.to_string(),
        }
    }
}

/// One entry of a data set.
#[derive(Clone, Debug)]
pub struct Item {
    /// The name of the entry, one of its kind in the data set: letters, digits and `.-_`, so that a folder can bear it.
    pub id: String,
    /// What to find.
    pub query: String,
    /// The photo.
    pub image: ImageSource,
    /// The photo's size in pixels as the data set says. `None` if it does not say.
    pub size: Option<Size>,
    /// What the data set says of the entry, by name, such as `length` = `short`.
    pub categories: BTreeMap<String, String>,
    /// Where the entry stands, for messages: the file and the place in it.
    pub(crate) place: Place,
    pub(crate) truth: Arc<TruthSource>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: Arc<PathBuf>,
    pub(crate) place: String,
}

impl Item {
    /// What the sentence truly describes, in the photo of this size.
    ///
    /// # Errors
    ///
    /// Returns an error if the truth cannot be read, or has another size.
    pub fn truth(&self, photo: Size) -> Result<Truth, DatasetError> {
        let truth = self.truth.read(photo).map_err(|cause| self.error(cause))?;
        let size = truth.mask.size();
        if size != photo {
            return Err(self.error(other_size(size, photo)));
        }
        Ok(truth)
    }

    /// BLAKE3 over the sentence and what its truth is read from, in hexadecimal digits: another one means another truth. No mask is drawn.
    ///
    /// # Errors
    ///
    /// Returns an error if a file of the truth cannot be read.
    pub fn truth_digest(&self) -> Result<String, DatasetError> {
        let source = self.truth.digest().map_err(|cause| self.error(cause))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(self.query.len() as u64).to_le_bytes()).update(self.query.as_bytes());
        Ok(hasher.update(source.as_bytes()).finalize().to_hex().to_string())
    }

    /// Whether the data set says that nothing fits the sentence.
    pub fn is_no_target(&self) -> bool {
        matches!(&*self.truth, TruthSource::Shapes(shapes) if shapes.is_empty())
    }

    pub(crate) fn error(&self, cause: impl Into<String>) -> DatasetError {
        let Place { file, place } = &self.place;
        let id = format!("entry {}", self.id);
        let place = if place.is_empty() { id } else { format!("{place} ({id})") };
        DatasetError::new(file, place, cause)
    }
}

/// An empty mask: nothing fits.
pub(crate) fn nothing(size: Size) -> Mask {
    Mask::new(size)
}
