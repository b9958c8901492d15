//! What is true of an entry. It is read when it is asked for, and nobody but the one who scores a finished choice asks.

use std::path::PathBuf;

use rescue_mask::{Mask, Size, png};

use crate::bytes;
use crate::item::nothing;
use crate::rows::Row;
use crate::shape::Shape;
use crate::{labelme, npy};

/// The most pixels of a mask in a file.
const MAX_PIXELS: u64 = 100_000_000;

/// The true mask of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// What the sentence describes. Empty if nothing does.
    pub mask: Mask,
    /// Pixels that count for neither side. `None` if there are none.
    pub ignore: Option<Mask>,
}

impl From<Mask> for Truth {
    fn from(mask: Mask) -> Self {
        Self { mask, ignore: None }
    }
}

/// Where the truth of an entry stands.
#[derive(Clone, Debug)]
pub(crate) enum TruthSource {
    /// Polygons and run lengths, whose union it is. None: nothing fits the sentence.
    Shapes(Vec<Shape>),
    /// A picture of the mask (`.png`), or an array of bools (`.npy`).
    File(PathBuf),
    /// A file of labelme's form, as ReasonSeg has it.
    Labelme(PathBuf),
    /// A cell of a Parquet file, with a list of bools for each row of pixels.
    Row(Row),
}

impl TruthSource {
    /// BLAKE3 of what the truth is read from. The error is the cause.
    pub(crate) fn digest(&self) -> Result<blake3::Hash, String> {
        Ok(match self {
            Self::Shapes(shapes) => blake3::hash(&serde_json::to_vec(shapes).map_err(|error| error.to_string())?),
            Self::File(file) | Self::Labelme(file) => {
                blake3::hash(&bytes::read(file, bytes::PICTURE).map_err(|error| error.to_string())?)
            }
            Self::Row(row) => {
                let file = row.table.digest().ok_or_else(|| format!("{row}: the file cannot be read any more"))?;
                blake3::Hasher::new().update(file.as_bytes()).update(&(row.number as u64).to_le_bytes()).finalize()
            }
        })
    }

    /// The truth for a photo of this size. The mask may have another size if the source says so. The error is the cause.
    pub(crate) fn read(&self, photo: Size) -> Result<Truth, String> {
        match self {
            Self::Shapes(shapes) => {
                let mut union = nothing(photo);
                for shape in shapes {
                    union.union_with(&shape.draw(photo)?).map_err(|error| error.to_string())?;
                }
                Ok(union.into())
            }
            Self::File(file) => {
                let bytes = bytes::read(file, bytes::PICTURE).map_err(|error| format!("mask {error}"))?;
                let is_array = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy"));
                let mask = if is_array {
                    npy::read(&bytes, MAX_PIXELS).map_err(|error| error.to_string())
                } else {
                    png::read_mask(&bytes, MAX_PIXELS).map_err(|error| error.to_string())
                };
                mask.map(Truth::from).map_err(|error| format!("mask {}: {error}", file.display()))
            }
            Self::Labelme(file) => labelme::read(file).and_then(|labelled| labelled.truth(photo)),
            Self::Row(row) => row.mask().map(Truth::from).map_err(|error| error.cause),
        }
    }
}
