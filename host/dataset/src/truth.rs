//! What is true of an entry. It is read when it is asked for, and nobody but the one who scores a finished choice asks.

use std::path::PathBuf;

use rescue_mask::{Mask, Size, png};

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
    /// The truth for a photo of this size. The mask may have another size if the source says so. The error is the cause.
    pub(crate) fn read(&self, photo: Size) -> Result<Truth, String> {
        match self {
            Self::Shapes(shapes) => {
                let mut union = nothing(photo);
                for shape in shapes {
                    let mask = shape.draw(photo)?;
                    if mask.size() != photo {
                        return Ok(mask.into());
                    }
                    union.union_with(&mask).map_err(|error| error.to_string())?;
                }
                Ok(union.into())
            }
            Self::File(file) => {
                let bytes = std::fs::read(file).map_err(|error| format!("mask {}: {error}", file.display()))?;
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
