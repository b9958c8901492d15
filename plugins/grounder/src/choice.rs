//! Choices: the objects that the query may mean, one object or several together.

use crate::fit::Fit;
use crate::object::Object;
use rescue_phrase::{Number, Thing};
use rescue_plugin_sdk::prelude::*;

/// Objects that, taken together, may be what the query means.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The objects, at least one.
    pub objects: Vec<Object>,
    /// How well they fit the query, from 0 to 1.
    pub fit: f64,
    /// Why they fit, for people.
    pub why: String,
    /// The rank of this choice and the number of objects found, such as "2/5".
    pub place: String,
}

/// The choices for one thing, best first. `objects` and `fits` have the same order. Equal fits are ordered by detection
/// score, then by the detector's order. Empty if there are no objects.
#[must_use]
pub fn choices(thing: &Thing, objects: &[Object], fits: &[Fit]) -> Vec<Choice> {
    let mut ranked: Vec<(&Object, &Fit)> = objects.iter().zip(fits).collect();
    ranked.sort_by(|(a, af), (b, bf)| {
        bf.fit.total_cmp(&af.fit).then(b.score.total_cmp(&a.score)).then(a.index.cmp(&b.index))
    });
    let n = ranked.len();
    let found = format!("'{}': {n} found", thing.noun.written);
    let singles = ranked.iter().enumerate().map(|(rank, (object, fit))| {
        let why = if fit.why.is_empty() { String::new() } else { format!("; {}", fit.why.join(", ")) };
        Choice {
            objects: vec![(*object).clone()],
            fit: fit.fit,
            why: format!("{found}, score {:.2}{why}", object.score),
            place: format!("{}/{n}", rank + 1),
        }
    });
    let group = |size: usize, share: f64| {
        let members = ranked.get(..size).unwrap_or(&ranked);
        let fit = members.iter().map(|(_, fit)| fit.fit).fold(1.0, f64::min) * share;
        Choice {
            objects: members.iter().map(|(object, _)| (*object).clone()).collect(),
            fit,
            why: format!("{found}, {} taken together", members.len()),
            place: format!("{}/{n} together", members.len()),
        }
    };
    let best = ranked.first().map_or(0.0, |(_, fit)| fit.fit);
    let fitting = ranked.iter().take_while(|(_, fit)| fit.fit >= best * 0.4).count();
    let mut choices = match thing.number {
        _ if n == 0 => return Vec::new(),
        Number::One => return singles.collect(),
        Number::Count(wanted) => vec![group(usize::try_from(wanted).unwrap_or(n).min(n), 1.0)],
        Number::All => vec![group(fitting, 1.0)],
    };
    for size in (1..=n).rev() {
        if choices.iter().all(|choice| choice.objects.len() != size) {
            choices.push(group(size, 0.4));
        }
    }
    choices.sort_by(|a, b| b.fit.total_cmp(&a.fit));
    choices
}

/// The choices for several things together, best first. Each entry of `each` has the choices for one thing. The result
/// has the best choice of every thing, and all variations in which one thing has another of its choices. Empty if a
/// thing has none.
#[must_use]
pub fn combine(each: &[Vec<Choice>]) -> Vec<Choice> {
    if let [only] = each {
        return only.clone();
    }
    let pick = |changed: usize, rank: usize| {
        let picked: Option<Vec<&Choice>> =
            each.iter().enumerate().map(|(i, choices)| choices.get(if i == changed { rank } else { 0 })).collect();
        picked.map(|picked| Choice {
            objects: picked.iter().flat_map(|choice| choice.objects.clone()).collect(),
            fit: picked.iter().map(|choice| choice.fit).product(),
            why: picked.iter().map(|choice| choice.why.as_str()).collect::<Vec<_>>().join("; "),
            place: picked.iter().map(|choice| choice.place.as_str()).collect::<Vec<_>>().join(", "),
        })
    };
    let most = each.iter().map(Vec::len).max().unwrap_or(0);
    let others = (1..most).flat_map(|rank| (0..each.len()).map(move |changed| (changed, rank)));
    let mut all: Vec<Choice> =
        core::iter::once((0, 0)).chain(others).filter_map(|(changed, rank)| pick(changed, rank)).collect();
    all.sort_by(|a, b| b.fit.total_cmp(&a.fit));
    all
}
