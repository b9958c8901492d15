//! Places in a photo, out of a reply.
//!
//! Models write places in many ways, and often not quite as they were asked to. So the text is cut into pieces, and what says most
//! clearly that it is a place is read: what stands between box tags or under a key (`bbox_2d`, `x1`, a line `Box:`); where there is
//! none of that, four numbers in brackets. Brackets need not match, but numbers must be there in the right count: four for a box,
//! two for a point. What they mean is said by the [`Frame`] and is never guessed from the numbers.

mod bare;
mod convention;
mod keyed;
mod pieces;
mod placing;
mod run;

use rescue_core::{Rect, Size};

use crate::unreadable::{answer, shown};
use crate::{Said, Unreadable};
pub use convention::Convention;
use convention::NAMED;
use placing::placed;
use run::Place;

/// How the photo was shown to the model, and how the model counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// How the model states coordinates.
    pub convention: Convention,
    /// The size of the picture as it was sent.
    pub shown: Size,
    /// Where in that picture the photo's part is, in the picture's pixels.
    pub panel: Rect,
    /// That part, in pixels of the original photo.
    pub area: Rect,
    /// The size of the original photo.
    pub photo: Size,
}

/// What was found in a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// In the model's order; empty where it says that there is nothing.
    pub found: Vec<Found>,
    /// What was left out, or read in another way than it was written, for people.
    pub notes: Vec<String>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where, in pixels of the original photo; not empty, and inside the part that was shown.
    pub rect: Rect,
    /// What the model calls it; empty where it does not say.
    pub label: String,
    /// How sure it is, 0 to 1, where it says so.
    pub score: Option<f64>,
}

/// The places in a reply, in pixels of the original photo, clipped to the part of it that was shown.
///
/// That there is nothing is said by `[]` or `Box: none`; a reply without places is unreadable, and so is one that was cut off, or
/// that counts beyond the convention's range by more than a twentieth. Where the convention is 0 to 1000 and all coordinates are
/// from 0 to 1, some with a fraction, they are read as 0 to 1, and a note says so.
pub fn boxes(said: &Said, frame: &Frame) -> Result<Boxes, Unreadable> {
    let text = answer(said)?;
    let mut places = Vec::new();
    let read = read(text, &mut places);
    if !said.complete {
        return Err(Unreadable::new(format!("the reply was cut off after {} complete boxes", places.len())));
    }
    let beside = read.map_err(|why| Unreadable::new(format!("the reply {} is not read: {why}", shown(text))))?;
    let placed = placed(places, frame).map_err(Unreadable::new)?;
    let mut boxes = placed.boxes;
    if beside > 0 {
        boxes.notes.push(format!("points beside a box of the same thing, left out: {beside}"));
    }
    Ok(boxes)
}

/// Which conventions, by their names, make a reply name a known place: some box in it has an IoU of at least 0.5 with `truth`, in
/// pixels of the original photo. For a probe; the frame's own convention does not matter.
pub fn fitting(said: &Said, frame: &Frame, truth: Rect) -> Vec<&'static str> {
    let mut places = Vec::new();
    let readable = said.complete && answer(said).is_ok_and(|text| read(text, &mut places).is_ok());
    let fits = |convention| {
        let placed = placed(places.clone(), &Frame { convention, ..*frame });
        // What was read as another convention does not speak for this one.
        placed
            .is_ok_and(|placed| !placed.as_unit && placed.boxes.found.iter().any(|found| found.rect.iou(truth) >= 0.5))
    };
    NAMED.iter().filter(|(_, convention)| readable && fits(*convention)).map(|(name, _)| *name).collect()
}

/// Reads the places of a text in its own coordinates, and how many points were left out; the error says why they cannot be read,
/// and then `places` are those that stand complete before that.
fn read(text: &str, places: &mut Vec<Place>) -> Result<usize, String> {
    let pieces = pieces::pieces(text);
    let keyed = keyed::read(&pieces, places)?;
    match (keyed.nothing, places.is_empty()) {
        (true, false) => return Err("it names places, and says that there is none".into()),
        (false, true) if keyed.keys => return Err("it has keys, but none of them names a place".into()),
        (false, true) => bare::read(&pieces, places)?,
        _ => {}
    }
    Ok(keyed.points_beside)
}
