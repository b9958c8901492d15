//! How well objects fit the query's description of them.
//!
//! The fit is a product: each trait and relation in the query is a factor from [`MIN_FACTOR`] to 1. Colours, clothing
//! and relations are computed first. Places, sizes and ordinals are ranks; only the objects that fit so far at least
//! half as well as the best are ranked: the second red car is the second of the red ones.

use crate::colours::{self, Part};
use crate::object::Object;
use crate::relate;
use alloc::collections::BTreeMap;
use core::cmp::Ordering;
use rescue_phrase::{Along, BodyRegion, Extent, Number, Relation, RelationKind, Side, Thing, Trait};
use rescue_plugin_sdk::math::sqrt;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Look, Raster, Rect, Size};

/// The factor of a trait that an object does not have at all.
pub const MIN_FACTOR: f64 = 0.02;
/// The factor of a trait that cannot be measured.
const UNKNOWN_FACTOR: f64 = 0.6;
/// How much the colour of a part counts for things that are not people, of which it is not known where the part is: it may lower the fit by
/// this share at most. A place counts fully.
const PART_WEIGHT: f64 = 0.25;
/// If at least this share of an object has a colour, the object has the colour fully.
const FULL_SHARE: f64 = 0.35;

/// The photo and the objects detected in it.
#[derive(Debug)]
pub struct Scene<'a, L> {
    /// The size of the photo.
    pub image: Size,
    /// The objects detected for each noun that was asked for, by noun.
    pub objects: &'a BTreeMap<String, Vec<Object>>,
    /// Look-ups of pixels.
    pub look: &'a L,
}

/// How well one object fits, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The fit, from 0 to 1.
    pub fit: f64,
    /// The factors in words, for people.
    pub why: Vec<String>,
}

impl<L: Look> Scene<'_, L> {
    /// The fits of all objects that were detected for a thing, in the order of the objects.
    #[must_use]
    pub fn fits(&self, thing: &Thing) -> Vec<Fit> {
        let none = Vec::new();
        let objects = self.objects.get(&thing.noun.name).unwrap_or(&none);
        let mut fits = vec![Fit { fit: 1.0, why: Vec::new() }; objects.len()];
        self.colours(thing, objects, &mut fits);
        for relation in &thing.relations {
            self.relation(relation, objects, &mut fits);
        }
        let ranked = best_fitting(&fits);
        for (one, negated) in &thing.traits {
            if let Some((values, name)) = self.ranks(one, thing.number, objects, &ranked) {
                apply(&mut fits, &values, *negated, &name);
            }
        }
        fits
    }

    /// Multiplies in the colours of the objects and of their clothing.
    fn colours(&self, thing: &Thing, objects: &[Object], fits: &mut [Fit]) {
        let mut pictures: Option<Vec<Option<Raster>>> = None;
        for (one, negated) in &thing.traits {
            let (part, colour, shade): (Part, _, _) = match *one {
                Trait::Colour { colour, shade } => (colours::CENTRE, Some(colour), shade),
                Trait::Shade(shade) => (colours::CENTRE, None, Some(shade)),
                Trait::Worn { region, colour, shade } => (colours::worn(region), Some(colour), shade),
                _ => continue,
            };
            let pictures =
                pictures.get_or_insert_with(|| objects.iter().map(|o| colours::picture(self.look, o.rect)).collect());
            let shares: Vec<Option<f64>> =
                pictures.iter().map(|p| p.as_ref().map(|p| colours::share(p, part, colour, shade))).collect();
            let most = shares.iter().flatten().copied().fold(0.05, f64::max);
            let values: Vec<Option<f64>> = shares
                .iter()
                .map(|share| share.map(|share| 0.5 * (share / FULL_SHARE).min(1.0) + 0.5 * (share / most).min(1.0)))
                .map(|value| value.map(|value| if *negated { 1.0 - value } else { value }))
                .map(|value| match one {
                    Trait::Worn { region: BodyRegion::Whole, .. } if thing.noun.name != "person" => {
                        value.map(|value| 1.0 - PART_WEIGHT * (1.0 - value))
                    }
                    _ => value,
                })
                .collect();
            let words: Vec<&str> = [shade.map(|s| s.name()), colour.map(|c| c.name())].into_iter().flatten().collect();
            let name = if matches!(one, Trait::Worn { .. }) { "wears " } else { "" };
            for ((fit, value), share) in fits.iter_mut().zip(values).zip(shares) {
                fit.fit *= value.unwrap_or(UNKNOWN_FACTOR).max(MIN_FACTOR);
                let not = if *negated { "not " } else { "" };
                let share = share.map_or("cannot be seen".to_owned(), |share| format!("{share:.2}"));
                fit.why.push(format!("{not}{name}{} {share}", words.join(" ")));
            }
        }
    }

    /// Multiplies in a relation of the objects to other objects.
    fn relation(&self, relation: &Relation, objects: &[Object], fits: &mut [Fit]) {
        let others: Vec<(Vec<Rect>, Vec<f64>)> = relation
            .others
            .iter()
            .map(|thing| {
                let fits = self.fits(thing).iter().map(|fit| sqrt(fit.fit)).collect();
                let found = self.objects.get(&thing.noun.name);
                (found.map(|found| found.iter().map(|o| o.rect).collect()).unwrap_or_default(), fits)
            })
            .collect();
        let names: Vec<&str> = relation.others.iter().map(|thing| thing.noun.written.as_str()).collect();
        let name = format!(
            "{}{} {}",
            if relation.negated { "not " } else { "" },
            relation_name(relation.kind),
            names.join(" and ")
        );
        for (object, fit) in objects.iter().zip(fits) {
            let value = match (relation.kind, others.as_slice()) {
                (_, others) if others.iter().any(|(rects, _)| rects.is_empty()) => None,
                (RelationKind::Between, [one]) => best_between(&object.rect, one, one),
                (RelationKind::Between, [one, other]) => best_between(&object.rect, one, other),
                (kind, others) => {
                    others.iter().map(|o| best(kind, &object.rect, o, self.image)).reduce(smaller_of_both).flatten()
                }
            };
            let value = value.map(|value| if relation.negated { 1.0 - value } else { value });
            // If there is no bus, "not on the bus" holds.
            let factor = value.unwrap_or(if relation.negated { 1.0 } else { UNKNOWN_FACTOR });
            fit.fit *= factor.clamp(MIN_FACTOR, 1.0);
            fit.why.push(value.map_or_else(|| format!("{name} is not known"), |value| format!("{name} {value:.2}")));
        }
    }

    /// The factors of a trait that compares objects (size, place, ordinal), one per object, and its name. `None` for
    /// other traits. In "the two biggest dogs", both dogs count as the biggest.
    fn ranks(&self, one: &Trait, number: Number, objects: &[Object], ranked: &[usize]) -> Option<(Vec<f64>, String)> {
        let (order, name): (Vec<usize>, String) = match *one {
            Trait::Extent(extent) => (self.order(objects, ranked, Along::By(extent)), extent_name(extent).to_owned()),
            Trait::Place { side, .. } => (self.order(objects, ranked, Along::From(side)), side_name(side).to_owned()),
            Trait::Nth { nth, along } => (self.order(objects, ranked, along), format!("number {nth}")),
            _ => return None,
        };
        let n = order.len();
        let more = match number {
            Number::Count(wanted) => usize::try_from(wanted).unwrap_or(n).clamp(1, n.max(1)) - 1,
            Number::One | Number::All => 0,
        };
        let mut values = vec![MIN_FACTOR; objects.len()];
        for (rank, index) in order.into_iter().enumerate() {
            let (Some(value), Some(object)) = (values.get_mut(index), objects.get(index)) else { continue };
            let behind = rank.saturating_sub(more);
            *value = match *one {
                Trait::Nth { nth, .. } => {
                    let off = rank.abs_diff(usize::try_from(nth).unwrap_or(usize::MAX).saturating_sub(1));
                    if off == 0 { 1.0 } else { 0.1 / count(off.min(100)) }
                }
                Trait::Place { most: true, .. } | Trait::Extent(_) => 1.0 / (1.0 + 3.0 * count(behind)),
                Trait::Place { side, .. } => {
                    let by_rank = if n > 1 + more { 1.0 - count(behind) / count(n - 1 - more) } else { 1.0 };
                    0.4 * self.toward(side, &object.rect) + 0.6 * by_rank
                }
                _ => continue,
            };
        }
        Some((values, format!("{name} of {n}")))
    }

    /// The `ranked` objects (indices into `objects`), sorted so that the first along this direction comes first.
    fn order(&self, objects: &[Object], ranked: &[usize], along: Along) -> Vec<usize> {
        let middle = median(ranked.iter().filter_map(|index| objects.get(*index)).map(|o| o.rect.centre().0).collect());
        let key = |index: &usize| {
            let Some(Object { rect, .. }) = objects.get(*index) else { return 0.0 };
            match along {
                Along::Unsaid => self.toward(Side::Left, rect),
                Along::From(Side::Centre) => -(rect.centre().0 - middle).abs(),
                Along::From(side) => self.toward(side, rect),
                Along::By(Extent::Big) => rect.area(),
                Along::By(Extent::Small) => -rect.area(),
                Along::By(Extent::Tall) => rect.height(),
                Along::By(Extent::Short) => -rect.height(),
                Along::By(Extent::Wide) => rect.width(),
            }
        };
        let mut order = ranked.to_vec();
        order.sort_by(|a, b| key(b).total_cmp(&key(a)).then(a.cmp(b)));
        order
    }

    /// How far a box lies towards one side of the photo, from 0 to 1. A box that is large and reaches far down counts
    /// as near the camera.
    fn toward(&self, side: Side, rect: &Rect) -> f64 {
        let whole = self.image.rect();
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
    }
}

/// The indices of the objects that fit at least half as well as the best.
fn best_fitting(fits: &[Fit]) -> Vec<usize> {
    let best = fits.iter().map(|fit| fit.fit).fold(0.0, f64::max);
    fits.iter().enumerate().filter(|(_, fit)| fit.fit >= best * 0.5).map(|(index, _)| index).collect()
}

/// Multiplies each fit by its value and notes it under this name.
fn apply(fits: &mut [Fit], values: &[f64], negated: bool, name: &str) {
    for (fit, value) in fits.iter_mut().zip(values) {
        let value = if negated { 1.0 - value } else { *value };
        fit.fit *= value.max(MIN_FACTOR);
        fit.why.push(format!("{}{name} {value:.2}", if negated { "not " } else { "" }));
    }
}

/// The highest fit of a relation between a box and one of several others, without the box itself. `None` if there is no
/// other.
fn best(kind: RelationKind, rect: &Rect, (others, fits): &(Vec<Rect>, Vec<f64>), image: Size) -> Option<f64> {
    let others = others.iter().zip(fits).filter(|(other, _)| *other != rect);
    others.map(|(other, fit)| relate::fit(kind, rect, other, image) * fit).max_by(f64::total_cmp)
}

/// The highest fit of a box between one of the first boxes and one of the others. `None` if there are no two other
/// boxes.
fn best_between(rect: &Rect, one: &(Vec<Rect>, Vec<f64>), other: &(Vec<Rect>, Vec<f64>)) -> Option<f64> {
    let firsts = one.0.iter().zip(&one.1).filter(|(first, _)| *first != rect);
    firsts
        .flat_map(|(first, fit)| {
            let seconds = other.0.iter().zip(&other.1).filter(move |(second, _)| *second != rect && *second != first);
            seconds.map(move |(second, also)| relate::between(rect, first, second) * fit * also)
        })
        .max_by(f64::total_cmp)
}

/// The smaller value; `None` if one is missing.
fn smaller_of_both(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a?.min(b?))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[allow(clippy::cast_precision_loss, reason = "counts are small")]
fn count(n: usize) -> f64 {
    n as f64
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Top => "top",
        Side::Bottom => "bottom",
        Side::Centre => "middle",
        Side::Front => "front",
        Side::Back => "back",
    }
}

fn extent_name(extent: Extent) -> &'static str {
    match extent {
        Extent::Big => "biggest",
        Extent::Small => "smallest",
        Extent::Tall => "tallest",
        Extent::Short => "shortest",
        Extent::Wide => "widest",
    }
}

pub(crate) fn relation_name(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::LeftOf => "left of",
        RelationKind::RightOf => "right of",
        RelationKind::Above => "above",
        RelationKind::Below => "below",
        RelationKind::On => "on",
        RelationKind::Inside => "in",
        RelationKind::Near => "near",
        RelationKind::Behind => "behind",
        RelationKind::InFrontOf => "in front of",
        RelationKind::Between => "between",
        RelationKind::With => "with",
    }
}
