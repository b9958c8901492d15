//! A COCO segmentation: polygons, or run lengths in either form.

use rescue_mask::{Mask, Rle, Size};
use serde::{Deserialize, Serialize};

use crate::polygon;

/// One segmentation of an annotation, as COCO's JSON has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Shape {
    /// Polygons, each as x, y, x, y, … in pixels. Their union is meant.
    Polygons(Vec<Vec<f64>>),
    /// Run lengths down the columns, beginning with pixels outside.
    Runs(Runs),
    /// Several of them. Their union is meant; RefCLEF has one in a list.
    SeveralRuns(Vec<Runs>),
}

/// Run lengths, and the size of the mask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Runs {
    /// Height, then width.
    size: (u32, u32),
    counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Counts {
    Numbers(Vec<u32>),
    /// In COCO's compressed form.
    Text(String),
}

impl Shape {
    /// The mask of this shape in a photo of this size. The error is the cause.
    pub(crate) fn draw(&self, photo: Size) -> Result<Mask, String> {
        match self {
            Self::Polygons(polygons) => polygon::coco(photo, polygons).map_err(|error| error.to_string()),
            Self::Runs(runs) => runs.mask(photo),
            Self::SeveralRuns(several) => {
                let mut union = Mask::new(photo);
                for runs in several {
                    union.union_with(&runs.mask(photo)?).map_err(|error| error.to_string())?;
                }
                Ok(union)
            }
        }
    }

    /// Whether it has no polygon and no run.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Polygons(polygons) if polygons.is_empty())
    }
}

impl Runs {
    fn mask(&self, photo: Size) -> Result<Mask, String> {
        let (height, width) = self.size;
        let size = Size::new(width, height);
        // Before anything is drawn: a few bytes may state any size.
        if size != photo {
            return Err(other_size(size, photo));
        }
        let runs = match &self.counts {
            Counts::Numbers(counts) => Rle::new(size, counts.clone()),
            Counts::Text(text) => Rle::parse_string(size, text),
        };
        Ok(runs.map_err(|error| format!("its run lengths: {error}"))?.to_mask())
    }
}

/// What is wrong with a mask of another size than its photo.
pub(crate) fn other_size(mask: Size, photo: Size) -> String {
    format!(
        "the mask is {mask} pixels, and the photo is {photo}. Use the photo that the mask was drawn on: nothing is resized here"
    )
}
