//! Facts on their way to a session.

use std::collections::VecDeque;

use super::Arrival;
use super::dice::Dice;

/// Facts that were not told yet.
pub(crate) struct Mail<F> {
    fates: Vec<F>,
    /// Told in this order, once all fates are told: `closed`, then `scored`.
    then: VecDeque<F>,
    answers: Vec<F>,
    /// None where everything is told at once, in order.
    dice: Option<Dice>,
}

impl<F> Mail<F> {
    pub(crate) fn new(arrival: Arrival) -> Self {
        let dice = match arrival {
            Arrival::Canonical => None,
            Arrival::Shuffled(seed) => Some(Dice::new(seed, "arrival", &[])),
        };
        Self { fates: Vec::new(), then: VecDeque::new(), answers: Vec::new(), dice }
    }

    /// The fate of an id, in the order of ids.
    pub(crate) fn fates(&mut self, facts: impl IntoIterator<Item = F>) {
        self.fates.extend(facts);
    }

    /// What follows the last fate.
    pub(crate) fn then(&mut self, facts: impl IntoIterator<Item = F>) {
        self.then.extend(facts);
    }

    /// What came of what was asked, in the order asked.
    pub(crate) fn answers(&mut self, facts: impl IntoIterator<Item = F>) {
        self.answers.extend(facts);
    }

    /// Whether facts will come that answer nothing.
    pub(crate) fn owed(&self) -> bool {
        !self.fates.is_empty() || !self.then.is_empty()
    }

    /// The facts that are told next: all of them, or a random few. At least one where there is any.
    pub(crate) fn next(&mut self) -> Vec<F> {
        let Some(dice) = &mut self.dice else {
            return self.fates.drain(..).chain(self.then.drain(..)).chain(self.answers.drain(..)).collect();
        };
        let all = self.fates.len() + self.then.len() + self.answers.len();
        let most = 1 + dice.below(all.div_ceil(2));
        let mut batch = Vec::new();
        while batch.len() < most {
            let then = if self.fates.is_empty() { self.then.len().min(1) } else { 0 };
            let (fates, answers) = (self.fates.len(), self.answers.len());
            match dice.below(fates + answers + then) {
                _ if fates + answers + then == 0 => break,
                at if at < fates => batch.push(self.fates.swap_remove(at)),
                at if at < fates + answers => batch.push(self.answers.swap_remove(at - fates)),
                _ => batch.extend(self.then.pop_front()),
            }
        }
        batch
    }

    /// Facts that must not wait: left in order, or shuffled.
    pub(crate) fn mixed(&mut self, mut facts: Vec<F>) -> Vec<F> {
        if let Some(dice) = &mut self.dice {
            dice.shuffle(&mut facts);
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(arrival: Arrival) -> Vec<Vec<u32>> {
        let mut mail = Mail::new(arrival);
        mail.fates(0..8);
        mail.then([8, 9]);
        mail.answers(10..14);
        let mut told = Vec::new();
        loop {
            let owed = mail.owed();
            let batch = mail.next();
            if batch.is_empty() {
                assert!(!owed);
                return told;
            }
            told.push(batch);
        }
    }

    #[test]
    fn the_canonical_order_is_told_at_once() {
        assert_eq!(told(Arrival::Canonical), [(0..14).collect::<Vec<_>>()]);
    }

    #[test]
    fn any_other_order_keeps_what_must_follow() {
        let mut orders = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let batches = told(Arrival::Shuffled(seed));
            assert!(batches.len() > 1);
            let flat = batches.concat();
            let place = |fact| flat.iter().position(|told| *told == fact).unwrap();
            assert!((0..8).all(|fate| place(fate) < place(8)) && place(8) < place(9), "{flat:?}");
            let mut sorted = flat.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..14).collect::<Vec<_>>());
            orders.insert(flat);
        }
        assert!(orders.len() > 40);
    }
}
