//! Files of labelme's form, as the original ReasonSeg has them: `{"shapes": [{"label", "points"}], "text": [...], "is_sentence"}`.
//!
//! The truth is that of LISA's `get_mask_from_json`: shapes labelled "flag" are left out; the others are drawn with their outline, the largest
//! first; those whose label contains "ignore" count for neither side.

use std::path::Path;

use rescue_mask::{Mask, Size};
use serde::Deserialize;

use crate::polygon;
use crate::text;
use crate::truth::Truth;

/// The most shapes of a photo.
const MAX_SHAPES: usize = 10_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Labelled {
    shapes: Vec<LabelledShape>,
    /// What to find, in one or more wordings. The first one is used.
    pub(crate) text: Vec<String>,
    /// Whether the wordings are sentences, and not phrases.
    pub(crate) is_sentence: bool,
}

#[derive(Debug, Deserialize)]
struct LabelledShape {
    label: String,
    points: Vec<(f64, f64)>,
}

/// Reads such a file. The error is the cause.
pub(crate) fn read(file: &Path) -> Result<Labelled, String> {
    let text = text::read(file).map_err(|error| error.cause)?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

impl Labelled {
    /// The truth for a photo of this size. The error is the cause.
    pub(crate) fn truth(&self, photo: Size) -> Result<Truth, String> {
        if self.shapes.len() > MAX_SHAPES {
            return Err(format!("it has {} shapes; at most {MAX_SHAPES} are read", self.shapes.len()));
        }
        let mut shapes = Vec::new();
        for (number, shape) in self.shapes.iter().enumerate() {
            let label = shape.label.to_lowercase();
            if label != "flag" {
                let area = shape.draw(number, photo)?.area();
                shapes.push((number, shape, label.contains("ignore"), area));
            }
        }
        // The largest first; of equal ones the later first, as numpy's sorted indices turned round.
        shapes.reverse();
        shapes.sort_by_key(|(.., area)| std::cmp::Reverse(*area));
        let (mut truth, mut ignore) = (Mask::new(photo), Mask::new(photo));
        for (number, shape, is_ignored, _) in shapes {
            let mask = shape.draw(number, photo)?;
            let (into, other) = if is_ignored { (&mut ignore, &mut truth) } else { (&mut truth, &mut ignore) };
            into.union_with(&mask).and_then(|()| other.subtract(&mask)).map_err(|error| error.to_string())?;
        }
        Ok(Truth { mask: truth, ignore: Some(ignore).filter(|ignore| !ignore.is_empty()) })
    }
}

impl LabelledShape {
    /// The mask of a shape, which is that of this number. The error is the cause.
    fn draw(&self, number: usize, photo: Size) -> Result<Mask, String> {
        let points = self.points.iter().map(|point| whole(*point)).collect::<Option<Vec<_>>>();
        let points = points.ok_or_else(|| format!("shape {number} has a point that is no place in a photo"))?;
        polygon::cv2(photo, &points).map_err(|error| format!("shape {number}: {error}"))
    }
}

/// A point as whole pixels: what is behind the point is cut off, as numpy does. `None` if it is no number of 32 bits.
fn whole((x, y): (f64, f64)) -> Option<(i32, i32)> {
    let one = |value: f64| {
        let value = value.trunc();
        (value >= f64::from(i32::MIN) && value <= f64::from(i32::MAX)).then_some(value as i32)
    };
    Some((one(x)?, one(y)?))
}
