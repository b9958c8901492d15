//! A COCO segmentation: polygons, or run lengths in either form.

use rescue_mask::{Mask, Rle, Size};
use serde::Deserialize;

use crate::polygon;

/// One segmentation of an annotation, as COCO's JSON has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Runs {
    /// Height, then width.
    size: (u32, u32),
    counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Counts {
    Numbers(Vec<u32>),
    /// In COCO's compressed form.
    Text(String),
}

impl Shape {
    /// The mask of this shape in a photo of this size. Run lengths have their own size. The error is the cause.
    pub(crate) fn draw(&self, photo: Size) -> Result<Mask, String> {
        match self {
            Self::Polygons(polygons) => polygon::coco(photo, polygons).map_err(|error| error.to_string()),
            Self::Runs(runs) => runs.mask(),
            Self::SeveralRuns(several) => {
                let mut union: Option<Mask> = None;
                for runs in several {
                    let mask = runs.mask()?;
                    match &mut union {
                        Some(union) => union.union_with(&mask).map_err(|error| error.to_string())?,
                        None => union = Some(mask),
                    }
                }
                Ok(union.unwrap_or_else(|| Mask::new(photo)))
            }
        }
    }

    /// Whether it has no polygon and no run.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Polygons(polygons) if polygons.is_empty())
    }
}

impl Runs {
    fn mask(&self) -> Result<Mask, String> {
        let (height, width) = self.size;
        let size = Size::new(width, height);
        let runs = match &self.counts {
            Counts::Numbers(counts) => Rle::new(size, counts.clone()),
            Counts::Text(text) => Rle::parse_string(size, text),
        };
        Ok(runs.map_err(|error| format!("its run lengths: {error}"))?.to_mask())
    }
}
