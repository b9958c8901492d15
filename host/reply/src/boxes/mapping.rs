//! Maps regions from a model's coordinates to pixels of the original photo.

use std::collections::BTreeSet;

use rescue_core::Rect;

use super::convention::{Convention, NAMED};
use super::region::{Region, Shape};
use super::{Boxes, Found, Frame};
use crate::limits::MAX_BOXES;

/// How far outside its range a coordinate may be, as a fraction of the range. This allows for imprecision at an edge, but not for
/// another convention.
const SLACK: f64 = 0.05;

/// Boxes in pixels of the photo.
pub(super) struct Mapped {
    pub(super) boxes: Boxes,
    /// Whether the coordinates were read as 0 to 1, although the frame has another convention.
    pub(super) as_unit: bool,
}

/// Maps regions to the photo as the frame says. The error says why they cannot be mapped.
pub(super) fn map_to_photo(mut regions: Vec<Region>, frame: &Frame) -> Result<Mapped, String> {
    if !(has_area(frame.panel) && has_area(frame.area)) {
        return Err("nothing of the photo is in the picture".into());
    }
    if frame.convention.is_y_first() {
        regions.iter_mut().filter(|region| !region.named).for_each(|region| region.shape.swap_axes());
    }
    let all = regions.len();
    regions.retain(|region| !region.shape.numbers().iter().any(|number| number.is_nan()));
    let unreal = all - regions.len();
    if unreal > 0 && regions.is_empty() {
        return Err("each of its boxes has a coordinate that is not a number".into());
    }
    let all = regions.len();
    let regions = deduplicate(regions);
    if regions.len() > MAX_BOXES {
        return Err(format!("the reply has {} different boxes, and at most {MAX_BOXES} are read", regions.len()));
    }
    let mut notes = Notes::default();
    notes.add("boxes with a coordinate that is not a number, left out", unreal);
    notes.add("boxes that were repeated, taken once", all - regions.len());
    let thousand = matches!(frame.convention, Convention::Thousand | Convention::ThousandYFirst);
    let as_unit = thousand && are_fractions(&regions);
    if as_unit {
        notes.0.push("coordinates are all from 0 to 1 and were read so, though the model's are 0..1000".into());
    }
    let convention = if as_unit { Convention::Unit } else { frame.convention };
    let (across, down) = check_range(&regions, convention, frame)?;
    let to_photo = |x: f64, y: f64| {
        let x = x / across * f64::from(frame.shown.width);
        let y = y / down * f64::from(frame.shown.height);
        let (panel, area) = (frame.panel, frame.area);
        (
            area.x_min + (x - panel.x_min) / (panel.x_max - panel.x_min) * (area.x_max - area.x_min),
            area.y_min + (y - panel.y_min) / (panel.y_max - panel.y_min) * (area.y_max - area.y_min),
        )
    };
    let (mut swapped, mut points, mut outside, mut odd_scores) = (0, 0, 0, 0);
    let (mut found, none) = (Vec::new(), regions.is_empty());
    for region in regions {
        let rect = match region.shape {
            Shape::Box([x1, y1, x2, y2]) => {
                swapped += usize::from(x1 > x2 || y1 > y2);
                let ((x_min, y_min), (x_max, y_max)) =
                    (to_photo(x1.min(x2), y1.min(y2)), to_photo(x1.max(x2), y1.max(y2)));
                Some(Rect { x_min, y_min, x_max, y_max })
            }
            Shape::Point([x, y]) => {
                points += 1;
                pixel(to_photo(x, y), frame.area)
            }
        };
        let score = region.score.filter(|score| (0.0..=1.0).contains(score));
        odd_scores += usize::from(score != region.score);
        match rect.and_then(|rect| clipped(rect, frame)) {
            Some(rect) => found.push(Found { rect, label: region.label, score }),
            None => outside += 1,
        }
    }
    if found.is_empty() && !none {
        return Err(format!("each of its boxes is empty in the part of the photo that was shown: {outside}"));
    }
    notes.add("boxes with swapped corners", swapped);
    notes.add("points, read as boxes of one pixel", points);
    notes.add("boxes that are empty in the part of the photo that was shown, left out", outside);
    notes.add("scores that are not from 0 to 1, left out", odd_scores);
    Ok(Mapped { boxes: Boxes { found, notes: notes.0 }, as_unit })
}

/// Whether a box has a finite area above 0.
fn has_area(rect: Rect) -> bool {
    rect.area() > 0.0 && rect.area().is_finite()
}

#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, what: &str, count: usize) {
        if count > 0 {
            self.0.push(format!("{what}: {count}"));
        }
    }
}

/// Removes repeated regions with the same label. The order stays.
fn deduplicate(mut regions: Vec<Region>) -> Vec<Region> {
    let mut seen = BTreeSet::new();
    regions.retain(|region| {
        let numbers: Vec<_> = region.shape.numbers().iter().map(|number| number.to_bits()).collect();
        seen.insert((numbers, region.label.clone()))
    });
    regions
}

fn numbers(regions: &[Region]) -> impl Iterator<Item = f64> {
    regions.iter().flat_map(|region| region.shape.numbers()).copied()
}

/// Whether all coordinates are from 0 to 1 and some have a fraction, so that they cannot be meant as 0 to 1000.
fn are_fractions(regions: &[Region]) -> bool {
    numbers(regions).all(|number| (0.0..=1.0).contains(&number)) && numbers(regions).any(|number| number.fract() != 0.0)
}

/// The convention's greatest x and y, if no coordinate is too far outside that range. Else the error says which conventions fit.
fn check_range(regions: &[Region], convention: Convention, frame: &Frame) -> Result<(f64, f64), String> {
    let Some(range) = convention.range(frame.shown) else {
        return Err(format!("a picture of {} cannot be resized as the model does", frame.shown));
    };
    let Some(outside) = first_beyond(regions, range) else { return Ok(range) };
    let words = |convention: Convention| {
        let (across, down) = convention.range(frame.shown).unwrap_or_default();
        match convention {
            Convention::Thousand | Convention::ThousandYFirst => "0..1000".to_owned(),
            Convention::Unit => "0..1".to_owned(),
            Convention::Shown => format!("pixels of the picture ({across}×{down})"),
            Convention::Resized { .. } => format!("pixels of the picture resized to {across}×{down}"),
        }
    };
    let fits = |other: &Convention| {
        *other != convention && other.range(frame.shown).is_some_and(|range| first_beyond(regions, range).is_none())
    };
    // The order of coordinates shows in no range.
    let known = NAMED.iter().map(|(_, other)| *other).filter(|other| !other.is_y_first());
    let others: Vec<_> = known.filter(fits).map(words).collect();
    let looks = if others.is_empty() { "nothing known".into() } else { others.join(" or ") };
    let outside = if outside.abs() < 1e9 { outside.to_string() } else { format!("{outside:e}") };
    Err(format!("the coordinate {outside} is beyond {}: it looks like {looks}", words(convention)))
}

/// The first coordinate that is too far outside a range; `None` if there is none.
fn first_beyond(regions: &[Region], (across, down): (f64, f64)) -> Option<f64> {
    let sides = regions
        .iter()
        .flat_map(|region| region.shape.numbers().iter().copied().zip([across, down].into_iter().cycle()));
    let is_in = |number: f64, side: f64| (-SLACK * side..=(1.0 + SLACK) * side).contains(&number);
    sides.into_iter().find(|(number, side)| !is_in(*number, *side)).map(|(number, _)| number)
}

/// The pixel that contains a point of the area; for a point on the right or lower edge, the last pixel. `None` if it is outside.
fn pixel((x, y): (f64, f64), area: Rect) -> Option<Rect> {
    let inside = (area.x_min..=area.x_max).contains(&x) && (area.y_min..=area.y_max).contains(&y);
    let (x, y) = (x.floor().min(area.x_max.ceil() - 1.0), y.floor().min(area.y_max.ceil() - 1.0));
    inside.then_some(Rect { x_min: x, y_min: y, x_max: x + 1.0, y_max: y + 1.0 })
}

/// The part of a box that is inside the photo and the area that was shown. `None` if it is empty.
fn clipped(rect: Rect, frame: &Frame) -> Option<Rect> {
    let rect = Rect {
        x_min: rect.x_min.max(frame.area.x_min),
        y_min: rect.y_min.max(frame.area.y_min),
        x_max: rect.x_max.min(frame.area.x_max),
        y_max: rect.y_max.min(frame.area.y_max),
    };
    rect.clip(frame.photo)
}
