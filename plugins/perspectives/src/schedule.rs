//! The schedule: which strategy and text each hypothesis asks with.
//!
//! Variations come in rounds of eight, one for each text: the query as given and seven rephrasings. If there are fewer
//! texts, the query as given takes the places of the missing ones. Asking the same text again is a further draw: the
//! next repeat of the same question. So the question of an id does not depend on the number of hypotheses.

use crate::strategy::STRATEGIES;
use alloc::collections::BTreeMap;
use core::ops::Range;
use rescue_plugin_sdk::prelude::*;

/// The number of variations in a round: the query and its seven rephrasings.
pub const TEXTS: u32 = 8;

/// The most draws (repeats) in one request.
const MAX_DRAWS: usize = 64;

/// Several draws of one question: one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draws {
    /// The index of the strategy.
    pub strategy: usize,
    /// The index of the text; 0 is the query as given.
    pub text: usize,
    /// The repeat of the first draw; the other draws have the next repeats.
    pub first: u32,
    /// The id of the hypothesis of each draw, in rising order; 1 to 64 ids.
    pub ids: Vec<u32>,
}

impl Draws {
    /// The repeats of the draws.
    #[must_use]
    pub fn repeats(&self) -> Range<u32> {
        self.first..self.first.saturating_add(u32::try_from(self.ids.len()).unwrap_or(u32::MAX))
    }

    /// The id of the hypothesis of a repeat; `None` if the repeat is not one of these draws.
    #[must_use]
    pub fn id(&self, repeat: u32) -> Option<u32> {
        let place = usize::try_from(repeat.checked_sub(self.first)?).ok()?;
        self.ids.get(place).copied()
    }
}

/// The number of variations that `count` hypotheses need. The last one may not use all strategies.
#[must_use]
pub fn variations(count: u32) -> u32 {
    count.div_ceil(strategies())
}

/// The draws of the `wanted` variations of `count` hypotheses if there are `texts` texts, in the order of their first
/// ids. Draws of the same question are in one request, up to 64 of them.
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
    let mut draws: Vec<Draws> = draws.into_values().flat_map(split).collect();
    draws.sort_by_key(|one| one.ids.first().copied());
    draws
}

/// Splits draws into requests of at most [`MAX_DRAWS`].
fn split(draws: Draws) -> Vec<Draws> {
    let Draws { strategy, text, first, ids } = draws;
    let firsts = (first..).step_by(MAX_DRAWS);
    firsts.zip(ids.chunks(MAX_DRAWS)).map(|(first, ids)| Draws { strategy, text, first, ids: ids.to_vec() }).collect()
}

/// The number of strategies.
fn strategies() -> u32 {
    u32::try_from(STRATEGIES.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The (strategy, text, repeat) of each id.
    fn plan(count: u32, texts: usize) -> Vec<(usize, usize, u32)> {
        let mut plan = BTreeMap::new();
        let (first, rest) = (draws(count, 1, 0..1), draws(count, texts, 1..variations(count).max(1)));
        for one in first.iter().chain(&rest) {
            assert!((1..=MAX_DRAWS).contains(&one.ids.len()) && one.repeats().count() == one.ids.len());
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
    fn a_smaller_count_is_the_beginning_of_a_larger_one_and_all_questions_differ() {
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
    fn the_query_takes_the_places_of_missing_rephrasings() {
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
