//! Which hypothesis asks what.
//!
//! Variations come in rounds of eight, one for each text: the query as given and seven rephrasings. Where there are fewer texts,
//! the query as given takes the places of those that are missing. What asks a text that was asked before is a further draw, and
//! has the next repeat of the same question. So an id asks the same whatever the number of hypotheses wanted.

use crate::strategy::STRATEGIES;
use alloc::collections::BTreeMap;
use core::ops::Range;
use rescue_plugin_sdk::prelude::*;

/// Variations in a round: the query and its rephrasings.
pub const TEXTS: u32 = 8;

/// The most draws in one request.
const DRAWS: usize = 64;

/// Draws on one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draws {
    /// The index of its strategy.
    pub strategy: usize,
    /// The index of its text; 0 is the query as given.
    pub text: usize,
    /// The repeat of the first draw; the others follow.
    pub first: u32,
    /// Which hypothesis each draw is for, in rising order; 1 to 64 of them.
    pub ids: Vec<u32>,
}

impl Draws {
    /// Their repeats.
    #[must_use]
    pub fn repeats(&self) -> Range<u32> {
        self.first..self.first.saturating_add(u32::try_from(self.ids.len()).unwrap_or(u32::MAX))
    }

    /// The hypothesis that a repeat is for.
    #[must_use]
    pub fn id(&self, repeat: u32) -> Option<u32> {
        let place = usize::try_from(repeat.checked_sub(self.first)?).ok()?;
        self.ids.get(place).copied()
    }
}

/// How many variations `count` hypotheses have, the last of them perhaps not for all strategies.
#[must_use]
pub fn variations(count: u32) -> u32 {
    count.div_ceil(strategies())
}

/// What these variations of `count` hypotheses ask where there are `texts` texts, in the order of their first ids. Equal
/// questions are together.
#[must_use]
pub fn draws(count: u32, texts: usize, wanted: Range<u32>) -> Vec<Draws> {
    let mut asked: Vec<u32> = vec![0; texts.max(1)];
    let mut draws: BTreeMap<(usize, usize), Draws> = BTreeMap::new();
    for variation in 0..wanted.end {
        let place = usize::try_from(variation % TEXTS).unwrap_or(0);
        let text = if place < texts { place } else { 0 };
        let Some(times) = asked.get_mut(text) else { continue };
        let repeat = *times;
        *times += 1;
        if variation < wanted.start {
            continue;
        }
        for (strategy, id) in (variation.saturating_mul(strategies())..count).take(STRATEGIES.len()).enumerate() {
            let fresh = || Draws { strategy, text, first: repeat, ids: vec![] };
            draws.entry((strategy, text)).or_insert_with(fresh).ids.push(id);
        }
    }
    let mut draws: Vec<Draws> = draws.into_values().flat_map(pieces).collect();
    draws.sort_by_key(|one| one.ids.first().copied());
    draws
}

/// The same draws in requests that are not too large.
fn pieces(draws: Draws) -> Vec<Draws> {
    let Draws { strategy, text, first, ids } = draws;
    let firsts = (first..).step_by(DRAWS);
    firsts.zip(ids.chunks(DRAWS)).map(|(first, ids)| Draws { strategy, text, first, ids: ids.to_vec() }).collect()
}

fn strategies() -> u32 {
    u32::try_from(STRATEGIES.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (strategy, text, repeat) of each id.
    fn plan(count: u32, texts: usize) -> Vec<(usize, usize, u32)> {
        let mut plan = BTreeMap::new();
        let (first, rest) = (draws(count, 1, 0..1), draws(count, texts, 1..variations(count).max(1)));
        for one in first.iter().chain(&rest) {
            assert!((1..=DRAWS).contains(&one.ids.len()) && one.repeats().count() == one.ids.len());
            for repeat in one.repeats() {
                let id = one.id(repeat).unwrap();
                assert!(plan.insert(id, (one.strategy, one.text, repeat)).is_none(), "{id} is there twice");
            }
        }
        assert!(plan.keys().copied().eq(0..count));
        plan.into_values().collect()
    }

    #[test]
    fn an_id_is_eight_times_the_variation_and_the_strategy() {
        let plan = plan(64, 8);
        for (id, asked) in plan.into_iter().enumerate() {
            assert_eq!(asked, (id % 8, id / 8, 0));
        }
    }

    #[test]
    fn fewer_are_the_first_of_more_and_all_differ() {
        for texts in 1..=8 {
            let most = plan(1024, texts);
            for count in [0, 1, 7, 8, 9, 64, 65, 100] {
                assert_eq!(plan(count, texts), most[..usize::try_from(count).unwrap()], "{count} {texts}");
            }
            let mut different = most.clone();
            different.sort_unstable();
            different.dedup();
            assert_eq!(different.len(), most.len(), "two ids would share an answer");
        }
    }

    #[test]
    fn the_query_takes_the_place_of_rephrasings_that_are_missing() {
        let original: Vec<(usize, u32)> =
            plan(100, 3).into_iter().filter(|(strategy, ..)| *strategy == 0).map(|(_, text, at)| (text, at)).collect();
        let rest = [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)];
        assert_eq!(original[..3], [(0, 0), (1, 0), (2, 0)]);
        assert_eq!(original[3..8], rest);
        assert_eq!(original[8..], [(0, 6), (1, 1), (2, 1), (0, 7), (0, 8)]);
    }

    #[test]
    fn equal_questions_are_one_request() {
        let without = draws(64, 1, 0..8);
        assert_eq!(without.len(), 8);
        assert!(without.iter().all(|one| one.repeats() == (0..8)));
        let many: Vec<Range<u32>> = draws(1024, 1, 1..128).iter().map(Draws::repeats).collect();
        assert_eq!((many.len(), many[0].clone(), many[8].clone()), (16, 1..65, 65..128));
    }
}
