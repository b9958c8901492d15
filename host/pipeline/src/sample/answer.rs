//! What a ranking answers.

use std::collections::BTreeMap;

use rescue_mask::{Mask, MaskError};
use rescue_plugin::Measured;
use rescue_plugin::border::exports::rescue::plugin::tournament::Ranking;
use rescue_plugin::border::rescue::plugin::types::Cause;

use super::prefix::Prefix;

/// If the tournament's probability that no candidate fits exceeds this, nothing is found.
const NO_TARGET: f64 = 0.5;

/// The answer of a ranking of the first hypotheses.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The union of the candidates in `ids`. `None` if nothing was found.
    pub(crate) mask: Option<Mask>,
    /// The candidates that answer, also if the tournament holds it more likely than not that none fits.
    pub(crate) ids: Vec<u32>,
    /// Whether it does.
    pub(crate) refused: bool,
    /// Every candidate, best first; near duplicates stand right after the candidate that they were merged into.
    pub(crate) places: Vec<Place>,
}

/// A candidate's place in a ranking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) id: u32,
    /// Its score; a near duplicate has that of the candidate that it was merged into.
    pub(crate) score: f64,
    /// The candidate that it was merged into. `None` if it took part itself.
    pub(crate) merged_into: Option<u32>,
}

impl Answer {
    /// The answer of a ranking of these hypotheses.
    pub(crate) fn of(ranking: &Ranking, prefix: &Prefix) -> Result<Self, MaskError> {
        let refused = ranking.no_target.is_some_and(|share| share > NO_TARGET);
        let ids = match &ranking.answer {
            Some(answer) => answer.clone(),
            None => ranking.places.first().map(|place| place.id).into_iter().collect(),
        };
        let mask = if refused { None } else { union(&ids, &prefix.candidates)? };
        Ok(Self { mask, ids, refused, places: places(ranking, prefix) })
    }
}

/// The union of these candidates' masks. `None` if there are no candidates.
fn union(ids: &[u32], candidates: &[Measured]) -> Result<Option<Mask>, MaskError> {
    let by_id: BTreeMap<u32, &Measured> = candidates.iter().map(|made| (made.candidate.id, made)).collect();
    let mut union: Option<Mask> = None;
    for made in ids.iter().filter_map(|id| by_id.get(id)) {
        match &mut union {
            Some(union) => union.union_with(&made.mask.to_mask())?,
            None => union = Some(made.mask.to_mask()),
        }
    }
    Ok(union)
}

fn places(ranking: &Ranking, prefix: &Prefix) -> Vec<Place> {
    let mut merged: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for gone in &prefix.gone {
        if let Cause::Merged(leader) = &gone.why {
            merged.entry(*leader).or_default().push(gone.id);
        }
    }
    let mut places = Vec::new();
    for place in &ranking.places {
        let (leader, score) = (place.id, place.score);
        places.push(Place { id: leader, score, merged_into: None });
        let copies = merged.get(&leader).into_iter().flatten();
        places.extend(copies.map(|copy| Place { id: *copy, score, merged_into: Some(leader) }));
    }
    places
}
