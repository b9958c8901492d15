//! Facts that a session is still to be told, and the order in which it is told them.

use std::collections::VecDeque;

use super::Arrival;
use super::random::Random;

/// Facts that were not told yet.
pub(crate) struct FactQueue<F> {
    /// `entered` or `gone` for each id, in the order of ids.
    ids: Vec<F>,
    /// `closed`, then `scored`. They are told in this order, once `ids` is empty.
    after_ids: VecDeque<F>,
    /// In the order asked.
    answers: Vec<F>,
    /// `None` if everything is told at once, in order.
    random: Option<Random>,
}

impl<F> FactQueue<F> {
    pub(crate) fn new(arrival: Arrival) -> Self {
        let random = match arrival {
            Arrival::Canonical => None,
            Arrival::Shuffled(seed) => Some(Random::new(seed, "arrival", &[])),
        };
        Self { ids: Vec::new(), after_ids: VecDeque::new(), answers: Vec::new(), random }
    }

    /// Adds what became of each id, in the order of ids.
    pub(crate) fn add_ids(&mut self, facts: impl IntoIterator<Item = F>) {
        self.ids.extend(facts);
    }

    /// Adds what is told after the last id, in this order.
    pub(crate) fn add_after_ids(&mut self, facts: impl IntoIterator<Item = F>) {
        self.after_ids.extend(facts);
    }

    /// Adds answers, in the order asked.
    pub(crate) fn add_answers(&mut self, facts: impl IntoIterator<Item = F>) {
        self.answers.extend(facts);
    }

    /// Whether facts other than answers are still to be told.
    pub(crate) fn owed(&self) -> bool {
        !self.ids.is_empty() || !self.after_ids.is_empty()
    }

    /// Takes the facts that are told next: all, or a random few (at least one, if there are any).
    pub(crate) fn next(&mut self) -> Vec<F> {
        let Some(random) = &mut self.random else {
            return self.ids.drain(..).chain(self.after_ids.drain(..)).chain(self.answers.drain(..)).collect();
        };
        let all = self.ids.len() + self.after_ids.len() + self.answers.len();
        let most = 1 + random.below(all.div_ceil(2));
        let mut batch = Vec::new();
        while batch.len() < most {
            let after = if self.ids.is_empty() { self.after_ids.len().min(1) } else { 0 };
            let (ids, answers) = (self.ids.len(), self.answers.len());
            match random.below(ids + answers + after) {
                _ if ids + answers + after == 0 => break,
                at if at < ids => batch.push(self.ids.swap_remove(at)),
                at if at < ids + answers => batch.push(self.answers.swap_remove(at - ids)),
                _ => batch.extend(self.after_ids.pop_front()),
            }
        }
        batch
    }

    /// Returns facts that are told at once: in the same order, or shuffled.
    pub(crate) fn reordered(&mut self, mut facts: Vec<F>) -> Vec<F> {
        if let Some(random) = &mut self.random {
            random.shuffle(&mut facts);
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(arrival: Arrival) -> Vec<Vec<u32>> {
        let mut queue = FactQueue::new(arrival);
        queue.add_ids(0..8);
        queue.add_after_ids([8, 9]);
        queue.add_answers(10..14);
        let mut told = Vec::new();
        loop {
            let owed = queue.owed();
            let batch = queue.next();
            if batch.is_empty() {
                assert!(!owed);
                return told;
            }
            told.push(batch);
        }
    }

    #[test]
    fn in_the_canonical_order_everything_is_told_at_once() {
        assert_eq!(told(Arrival::Canonical), [(0..14).collect::<Vec<_>>()]);
    }

    #[test]
    fn in_any_other_order_closed_and_scored_still_follow_the_ids() {
        let mut orders = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let batches = told(Arrival::Shuffled(seed));
            assert!(batches.len() > 1);
            let flat = batches.concat();
            let place = |fact| flat.iter().position(|told| *told == fact).unwrap();
            assert!((0..8).all(|id| place(id) < place(8)) && place(8) < place(9), "{flat:?}");
            let mut sorted = flat.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..14).collect::<Vec<_>>());
            orders.insert(flat);
        }
        assert!(orders.len() > 40);
    }
}
