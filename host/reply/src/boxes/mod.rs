//! Reads boxes and points in a photo from a reply. Both are called regions.
//!
//! Models write regions in many ways, and often not quite as requested. So the text is split into pieces, and the regions that
//! are marked most clearly are read: those between box tags or under a key (`bbox_2d`, `x1`, a line `Box:`). If there are none,
//! lists of four numbers in brackets are read. Brackets need not match, but a box must have four numbers and a point two. The
//! [`Frame`] says what the numbers mean; this is never guessed from the numbers.

mod bare;
mod convention;
mod keyed;
mod mapping;
mod pieces;
mod region;

use rescue_core::{Rect, Size};

use crate::tags::marked_answers;
use crate::unreadable::{answer, excerpt};
use crate::{Said, Unreadable};
pub use convention::Convention;
use convention::NAMED;
use keyed::Keyed;
use mapping::map_to_photo;
use region::Region;

/// How the photo was shown to the model, and how the model states coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// How the model states coordinates.
    pub convention: Convention,
    /// The size of the picture that was sent, in pixels.
    pub shown: Size,
    /// The part of that picture that shows the photo, in pixels of the picture.
    pub panel: Rect,
    /// The part of the photo that is shown there, in pixels of the original photo.
    pub area: Rect,
    /// The size of the original photo, in pixels.
    pub photo: Size,
}

/// The boxes that were read from a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// The boxes in the model's order. Empty if the model says that there are none.
    pub found: Vec<Found>,
    /// What was left out or reinterpreted, for people.
    pub notes: Vec<String>,
}

/// One box in a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The box in pixels of the original photo. It is not empty, and lies inside the part that was shown.
    pub rect: Rect,
    /// The model's label; empty if it gave none.
    pub label: String,
    /// The model's confidence, 0 to 1; `None` if it gave none.
    pub score: Option<f64>,
}

/// The note that a list under the key `box_2d` was read with x first.
pub const BOX_2D_NOTE: &str = "the key box_2d, which Gemini documents as y, x, y, x, was read as x, y, x, y; if this model states y \
                               first, set its coordinates to \"thousand-y-first\"";

/// The most pieces of a reply that says in words alone that there is nothing, as "No target found."
const MOST_OF_NONE: usize = 4;

/// Reads the regions in a reply. Returns them as boxes in pixels of the original photo, clipped to the part of it that was shown;
/// a point becomes a box of one pixel.
///
/// A model says that there is nothing with `[]`, `Box: none` or the like ("not found", "no such thing"), or with those words
/// alone. If the convention is 0 to 1000 but all coordinates are from 0 to 1 and some have a fraction, they are read as 0 to 1,
/// and a note says so.
///
/// # Errors
///
/// Returns [`Unreadable`] if the reply was refused or cut off, if it states no region and does not say that there is none, if a
/// region is malformed, if no region has an area in the part that was shown, or if a coordinate is outside the convention's range
/// by more than 5 % of it.
pub fn boxes(said: &Said, frame: &Frame) -> Result<Boxes, Unreadable> {
    let text = answer(said)?;
    let mut regions = Vec::new();
    let read = read_answer(text, &mut regions);
    if !said.complete {
        return Err(Unreadable::new(format!("the reply was cut off after {} complete boxes", regions.len())));
    }
    let keyed = read.map_err(|why| Unreadable::new(format!("the reply {} cannot be read: {why}", excerpt(text))))?;
    let mapped = map_to_photo(regions, frame).map_err(Unreadable::new)?;
    let mut boxes = mapped.boxes;
    if keyed.skipped_points > 0 {
        boxes.notes.push(format!("points beside a box of the same thing, left out: {}", keyed.skipped_points));
    }
    if keyed.box_2d && !frame.convention.is_y_first() {
        boxes.notes.push(BOX_2D_NOTE.into());
    }
    Ok(boxes)
}

/// The names of the conventions under which a reply states a known box: some box in it has an IoU of at least 0.5 with `truth`,
/// which is in pixels of the original photo. The frame's own convention is ignored. This serves to probe a model.
pub fn fitting(said: &Said, frame: &Frame, truth: Rect) -> Vec<&'static str> {
    let mut regions = Vec::new();
    let readable = said.complete && answer(said).is_ok_and(|text| read_answer(text, &mut regions).is_ok());
    let fits = |convention| {
        let mapped = map_to_photo(regions.clone(), &Frame { convention, ..*frame });
        // Coordinates that were read as 0 to 1 are no evidence for 0 to 1000.
        mapped
            .is_ok_and(|mapped| !mapped.as_unit && mapped.boxes.found.iter().any(|found| found.rect.iou(truth) >= 0.5))
    };
    NAMED.iter().filter(|(_, convention)| readable && fits(*convention)).map(|(name, _)| *name).collect()
}

/// Like [`read`], but if one part of the text is marked as the answer, only the regions there count.
fn read_answer(text: &str, regions: &mut Vec<Region>) -> Result<Keyed, String> {
    let whole = read(text, regions);
    let mut marked = Vec::new();
    let answers = marked_answers(text);
    match answers.as_slice() {
        // The same regions may have their labels outside the tags.
        [answer] => match read(answer.text, &mut marked) {
            Ok(keyed) if whole.is_err() || marked.len() != regions.len() => {
                *regions = marked;
                Ok(keyed)
            }
            _ => whole,
        },
        _ => whole,
    }
}

/// Appends the regions of a text, in its own coordinates, to `regions`. The error says why a region cannot be read; `regions` then
/// holds the complete ones before it.
fn read(text: &str, regions: &mut Vec<Region>) -> Result<Keyed, String> {
    let pieces = pieces::pieces(text);
    let mut keyed = keyed::read(&pieces, regions)?;
    match (keyed.says_none, regions.is_empty()) {
        (true, false) => return Err("it states boxes or points, and also says that there is none".into()),
        (false, true) if keyed.has_keys => return Err("it has keys, but none of them names a box or point".into()),
        (false, true) if pieces.len() <= MOST_OF_NONE && keyed::says_none(&pieces) => keyed.says_none = true,
        (false, true) => bare::read(&pieces, regions)?,
        _ => {}
    }
    Ok(keyed)
}
