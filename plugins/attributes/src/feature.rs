//! The features that are measured of the contestants. Every value is from 0 to 1.

use rescue_phrase::{BodyRegion, Expression, Extent, Number, Side, Thing, Trait};
use rescue_plugin_sdk::math::{ln, logistic, sqrt};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Brief, Candidate, Look, Raster, Rect, Size};

/// The longer side of the picture of a mask, in pixels.
const MAX_SIDE: u32 = 96;
/// How much the colour of a part counts for things that are not people.
const PART_WEIGHT: f64 = 0.25;
/// If at least this share of a mask has a colour, the mask has the colour fully.
const FULL_SHARE: f64 = 0.4;

/// The kind of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The mask has a colour that the query names.
    Colour,
    /// The mask is where the query says.
    Place,
    /// The mask is as large or small, among the contestants, as the query says.
    Size,
    /// The candidate has as many objects as the query says.
    Number,
    /// The planner's confidence.
    Confidence,
    /// The detector's score.
    Detection,
    /// The executor's predicted IoU.
    Quality,
    /// The IoU of the mask's bounds with the detected box.
    Bounds,
    /// How much the mask looks like a single thing.
    Plausibility,
}

/// One feature of all contestants.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its kind.
    pub kind: Kind,
    /// Its name, for people.
    pub name: String,
    /// One value from 0 to 1 for each contestant, in the order shown.
    pub values: Vec<f64>,
}

/// Measures all features that every contestant has. A feature that only some of them have would be unfair and is left
/// out.
///
/// # Errors
///
/// Fails if the query names a colour and the pixels or masks cannot be looked up.
pub fn measure(brief: &Brief, contestants: &[Candidate], look: &impl Look) -> Result<Vec<Feature>, String> {
    let mut features = Vec::new();
    let mut add = |kind, name: String, values: Vec<f64>| features.push(Feature { kind, name, values });
    let expression = rescue_phrase::parse(&brief.query).ok();
    // If the query names several things, a trait of one of them holds for a part of the mask only: traits are not
    // measured.
    if let Some([thing]) = expression.as_ref().map(|expression| expression.things.as_slice()) {
        let coloured = thing.traits.iter().any(|(one, _)| colour_trait(one).is_some());
        let pictures = if coloured { pictures(contestants, look)? } else { Vec::new() };
        for (one, negated) in &thing.traits {
            let (kind, name, values) = match (*one, colour_trait(one)) {
                (_, Some((part, name))) => (Kind::Colour, name, pictures.iter().map(|p| p.fit(one, part)).collect()),
                (Trait::Place { side, .. }, _) => {
                    (Kind::Place, format!("{side:?}"), places(side, contestants, brief.image))
                }
                (Trait::Extent(extent), _) if contestants.len() > 1 => {
                    (Kind::Size, format!("{extent:?}"), sizes(extent, contestants))
                }
                _ => continue,
            };
            // Of things that are not people it is not known where a part is, so its colour is weak evidence.
            let weak = matches!(one, Trait::Worn { region: BodyRegion::Whole, .. }) && thing.noun.name != "person";
            let signed = |value: f64| {
                let value = if *negated { 1.0 - value } else { value };
                if weak { 1.0 - PART_WEIGHT * (1.0 - value) } else { value }
            };
            let not = if *negated { "not " } else { "" };
            add(kind, format!("{not}{}", name.to_lowercase()), values.into_iter().map(signed).collect());
        }
    }
    if let Some((wanted, counts)) = counts(expression.as_ref(), contestants) {
        let share = |count: u32| f64::from(count.min(wanted)) / f64::from(count.max(wanted).max(1));
        add(Kind::Number, format!("{wanted} of them"), counts.into_iter().map(share).collect());
    }
    let all = |value: &dyn Fn(&Candidate) -> Option<f64>| contestants.iter().map(value).collect::<Option<Vec<f64>>>();
    for (kind, name, values) in [
        (Kind::Confidence, "planner", all(&|c| c.confidence)),
        (Kind::Detection, "detector", all(&detection)),
        (Kind::Quality, "executor", all(&|c| c.predicted_iou)),
        (Kind::Bounds, "fills its box", all(&|c| Some(detected(c)?.iou(&c.bounds)))),
        (Kind::Plausibility, "plausible", all(&|c| Some(plausibility(c)))),
    ] {
        if let Some(values) = values {
            add(kind, name.to_owned(), values.into_iter().map(|value| value.clamp(0.0, 1.0)).collect());
        }
    }
    Ok(features)
}

/// For a trait that is a colour: the part of the bounds that it is about (top and bottom, as shares of the height) and
/// its name. `None` for other traits.
fn colour_trait(one: &Trait) -> Option<([f64; 2], String)> {
    match one {
        Trait::Colour { colour, .. } => Some(([0.0, 1.0], colour.name().to_owned())),
        Trait::Shade(shade) => Some(([0.0, 1.0], shade.name().to_owned())),
        Trait::Worn { region, colour, .. } => {
            let part = match region {
                BodyRegion::Head => [0.0, 0.25],
                BodyRegion::Upper => [0.1, 0.6],
                BodyRegion::Lower => [0.5, 1.0],
                BodyRegion::Whole => [0.0, 1.0],
            };
            Some((part, format!("wears {}", colour.name())))
        }
        _ => None,
    }
}

/// The photo and the mask inside a candidate's bounds.
struct Picture {
    photo: Raster,
    mask: Raster,
}

fn pictures(contestants: &[Candidate], look: &impl Look) -> Result<Vec<Picture>, String> {
    let picture = |c: &Candidate| {
        let failed = |what: &str, why: String| format!("the {what} of candidate {} cannot be looked up: {why}", c.id);
        let photo = look.pixels(c.bounds, MAX_SIDE).map_err(|why| failed("pixels", why))?;
        let mask = look.mask(c.id, c.bounds, MAX_SIDE).map_err(|why| failed("mask", why))?;
        if photo.size == mask.size {
            Ok(Picture { photo, mask })
        } else {
            Err(failed("mask", "sizes differ".to_owned()))
        }
    };
    contestants.iter().map(picture).collect()
}

impl Picture {
    /// How well the pixels of the mask in a part of its bounds fit a colour, from 0 to 1: their mean fit divided by
    /// [`FULL_SHARE`], at most 1.
    fn fit(&self, one: &Trait, [top, bottom]: [f64; 2]) -> f64 {
        let (colour, shade) = match *one {
            Trait::Colour { colour, shade } | Trait::Worn { colour, shade, .. } => (Some(colour), shade),
            Trait::Shade(shade) => (None, Some(shade)),
            _ => return 0.0,
        };
        let (width, height) = (self.photo.size.width.max(1), f64::from(self.photo.size.height.max(1)));
        let (mut all, mut sum) = (0.0, 0.0);
        for ((index, pixel), inside) in (0_u32..).zip(self.photo.colours()).zip(&self.mask.data) {
            let y = (f64::from(index / width) + 0.5) / height;
            if *inside > 0 && (top..bottom).contains(&y) {
                all += 1.0;
                sum += colour.map_or(1.0, |colour| colour.fit(pixel)) * shade.map_or(1.0, |shade| shade.fit(pixel));
            }
        }
        if all > 0.0 { (sum / all / FULL_SHARE).min(1.0) } else { 0.0 }
    }
}

/// How far each mask lies towards one side: half from its place in the photo, half from its place compared with the
/// others.
fn places(side: Side, contestants: &[Candidate], image: Size) -> Vec<f64> {
    let towards: Vec<f64> = contestants.iter().map(|c| toward(side, &c.bounds, &image.rect())).collect();
    let middle = mean(&towards);
    towards.iter().map(|t| 0.5 * t + 0.5 * (0.5 + 2.0 * (t - middle)).clamp(0.0, 1.0)).collect()
}

/// How far a box lies towards one side of the photo, from 0 to 1. A box that is large and reaches far down counts as
/// near the camera.
fn toward(side: Side, rect: &Rect, whole: &Rect) -> f64 {
    let (x, y) = rect.centre();
    let (x, y) = (x / whole.width().max(1.0), y / whole.height().max(1.0));
    let front = 0.5 * rect.y_max / whole.height().max(1.0) + 0.5 * sqrt(rect.area() / whole.area().max(1.0));
    match side {
        Side::Left => 1.0 - x,
        Side::Right => x,
        Side::Top => 1.0 - y,
        Side::Bottom => y,
        Side::Centre => 1.0 - (x - 0.5).abs() - (y - 0.5).abs(),
        Side::Front => front,
        Side::Back => 1.0 - front,
    }
    .clamp(0.0, 1.0)
}

/// How large (or small) each mask is among the contestants, on a logarithmic scale: 0.5 at the geometric mean, and as
/// far above it at twice the mean as below it at half the mean.
fn sizes(extent: Extent, contestants: &[Candidate]) -> Vec<f64> {
    let measure = |c: &Candidate| match extent {
        Extent::Big | Extent::Small => f64::from(c.area),
        Extent::Tall | Extent::Short => c.bounds.height(),
        Extent::Wide => c.bounds.width(),
    };
    let logs: Vec<f64> = contestants.iter().map(|c| ln(measure(c).max(1.0))).collect();
    let middle = mean(&logs);
    let sign = if matches!(extent, Extent::Small | Extent::Short) { -2.0 } else { 2.0 };
    logs.iter().map(|log| logistic(sign * (log - middle))).collect()
}

/// The number of objects that the query asks for, and the number of objects in each contestant. `None` if either is not
/// known.
fn counts(expression: Option<&Expression>, contestants: &[Candidate]) -> Option<(u32, Vec<u32>)> {
    let [Thing { number: Number::Count(wanted), .. }] = expression?.things.as_slice() else { return None };
    let count = |c: &Candidate| {
        let (_, text) = c.notes.iter().find(|(name, _)| name == "detection")?;
        u32::try_from(text.split(',').count()).ok()
    };
    Some((*wanted, contestants.iter().map(count).collect::<Option<_>>()?))
}

/// The detector's score; of several objects the lowest. `None` if the candidate has no readable note "detection".
fn detection(candidate: &Candidate) -> Option<f64> {
    let (_, text) = candidate.notes.iter().find(|(name, _)| name == "detection")?;
    let scores: Option<Vec<f64>> = text.split(',').map(finite).collect();
    scores?.into_iter().reduce(f64::min)
}

/// The box around the detected objects, from the planner's note "box". `None` if it is missing or unreadable.
fn detected(candidate: &Candidate) -> Option<Rect> {
    let (_, text) = candidate.notes.iter().find(|(name, _)| name == "box")?;
    let edges: Option<Vec<f64>> = text.split(',').map(finite).collect();
    match edges?.as_slice() {
        &[x_min, y_min, x_max, y_max] => Some(Rect { x_min, y_min, x_max, y_max }),
        _ => None,
    }
}

fn finite(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The mean of three values: few parts, a well filled box, and a size that is neither a speck nor the whole photo.
fn plausibility(candidate: &Candidate) -> f64 {
    let parts = 1.0 / (1.0 + 0.2 * f64::from(candidate.components.saturating_sub(1)));
    let filled = (f64::from(candidate.area) / candidate.bounds.area().max(1.0) / 0.4).min(1.0);
    let speck = (candidate.coverage / 0.001).min(1.0);
    let whole = ((1.0 - candidate.coverage) / 0.2).min(1.0);
    (parts + filled + speck * whole) / 3.0
}

#[allow(clippy::cast_precision_loss, reason = "contestants are few")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
