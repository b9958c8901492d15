//! Who meets whom, and when.

use rescue_plugin_sdk::prelude::*;

/// A candidate in the order of priors: 0 has the best.
pub type Rank = usize;

/// A bracket as a full binary tree in heap order: node 1 is the final, the children of node n are 2n and 2n + 1, and the last
/// half are the leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bracket {
    slots: Vec<Slot>,
    rounds: u32,
}

/// Who comes out of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Nobody, ever.
    Bye,
    /// This one.
    Known(Rank),
    /// Not known yet; this one if the better prior wins whatever is open.
    Likely(Rank),
}

impl Bracket {
    /// The bracket of these, the favourite first. The first two can only meet in the final, the first four only in the last two
    /// rounds and so on; byes, all of them in the first round, go to the first.
    #[must_use]
    pub fn new(entrants: &[Rank]) -> Self {
        let size = entrants.len().max(1).next_power_of_two();
        let leaves =
            places(size).into_iter().map(|place| entrants.get(place).map_or(Slot::Bye, |rank| Slot::Known(*rank)));
        let mut bracket = Self {
            slots: core::iter::repeat_n(Slot::Bye, size).chain(leaves).collect(),
            rounds: size.trailing_zeros(),
        };
        for node in (1..size).rev() {
            bracket.put(node, bracket.outlook(node));
        }
        bracket
    }

    /// How many rounds there are; 0 for one candidate.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// The round of a node, from 0; the final is in the last.
    #[must_use]
    pub fn round(&self, node: usize) -> u32 {
        self.rounds.saturating_sub(1).saturating_sub(node.max(1).ilog2())
    }

    /// All nodes but the leaves, rounds in order.
    pub fn nodes(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.rounds).rev().flat_map(|depth| 1 << depth..2 << depth)
    }

    /// The two who meet at a node, once both are known.
    #[must_use]
    pub fn pair(&self, node: usize) -> Option<(Rank, Rank)> {
        match self.below(node) {
            (Slot::Known(a), Slot::Known(b)) => Some((a, b)),
            _ => None,
        }
    }

    /// The two who will meet at a node if the better prior wins whatever is open; none where [`Self::pair`] knows them.
    #[must_use]
    pub fn guess(&self, node: usize) -> Option<(Rank, Rank)> {
        match self.below(node) {
            (Slot::Known(a) | Slot::Likely(a), Slot::Likely(b)) | (Slot::Likely(a), Slot::Known(b)) => Some((a, b)),
            _ => None,
        }
    }

    /// Who came out of a node.
    #[must_use]
    pub fn winner(&self, node: usize) -> Option<Rank> {
        match self.slot(node) {
            Slot::Known(rank) => Some(rank),
            Slot::Bye | Slot::Likely(_) => None,
        }
    }

    /// Moves the winner of a meeting up. The result is the node above if two can meet there now.
    pub fn settle(&mut self, node: usize, winner: Rank) -> Option<usize> {
        self.put(node, Slot::Known(winner));
        let above = node / 2;
        // What is likely further up may change with it.
        let mut open = above;
        while open > 0 && self.slot(open) != self.outlook(open) {
            self.put(open, self.outlook(open));
            open /= 2;
        }
        self.pair(above).map(|_| above)
    }

    /// What can be said of a node before two met there.
    fn outlook(&self, node: usize) -> Slot {
        match self.below(node) {
            (Slot::Bye, one) | (one, Slot::Bye) => one,
            (Slot::Known(a) | Slot::Likely(a), Slot::Known(b) | Slot::Likely(b)) => Slot::Likely(a.min(b)),
        }
    }

    /// Who comes from the two sides.
    fn below(&self, node: usize) -> (Slot, Slot) {
        (self.slot(node * 2), self.slot(node * 2 + 1))
    }

    fn slot(&self, node: usize) -> Slot {
        self.slots.get(node).copied().unwrap_or(Slot::Bye)
    }

    fn put(&mut self, node: usize, slot: Slot) {
        if let Some(place) = self.slots.get_mut(node) {
            *place = slot;
        }
    }
}

/// The places (from 0) in the order of the leaves: at every level, the sum of two that would meet is the same.
fn places(size: usize) -> Vec<usize> {
    let mut places = vec![0];
    while places.len() < size {
        let last = places.len() * 2 - 1;
        places = places.into_iter().flat_map(|rank| [rank, last - rank]).collect();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_meet_late() {
        assert_eq!(places(8), [0, 7, 3, 4, 1, 6, 2, 5]);
        for n in 1..40 {
            let mut bracket = Bracket::new(&(0..n).collect::<Vec<_>>());
            let mut met = vec![];
            for node in bracket.nodes() {
                if let Some((a, b)) = bracket.pair(node) {
                    met.push((bracket.round(node), a.min(b), a.max(b)));
                    bracket.settle(node, a.min(b));
                }
            }
            assert_eq!(bracket.winner(1), Some(0));
            assert_eq!(met.len(), n - 1);
            assert!(met.is_sorted_by_key(|(round, ..)| *round));
            // Where the better always wins, the last round is 0 against 1, the one before it 0, 1 against 2, 3.
            for (round, winner, loser) in met {
                let left = 1 << (bracket.rounds() - round);
                assert!(winner < left / 2 && loser >= left / 2 && loser < left, "{n}: {winner} met {loser} in {round}");
            }
        }
    }

    #[test]
    fn what_is_likely_follows_what_is_known() {
        let mut bracket = Bracket::new(&[0, 1, 2, 3, 4]); // leaves: 0, –, 3, 4, 1, –, 2, –
        let guesses = |bracket: &Bracket| bracket.nodes().map(|node| bracket.guess(node)).collect::<Vec<_>>();
        let (open, known) = (bracket.nodes().map(|node| bracket.pair(node)).collect::<Vec<_>>(), bracket.winner(4));
        assert_eq!(open, [None, Some((3, 4)), None, None, None, Some((1, 2)), None]);
        assert_eq!((known, bracket.winner(5)), (Some(0), None));
        assert_eq!(guesses(&bracket), [None, None, None, None, Some((0, 3)), None, Some((0, 1))]);
        assert_eq!(bracket.settle(3, 2), None);
        assert_eq!(guesses(&bracket), [None, None, None, None, Some((0, 3)), None, Some((0, 2))]);
        assert_eq!(bracket.settle(5, 4), Some(2));
        assert_eq!((bracket.pair(2), bracket.guess(2)), (Some((0, 4)), None));
        assert_eq!(bracket.settle(2, 4), Some(1));
        assert_eq!((bracket.pair(1), bracket.guess(1), bracket.winner(1)), (Some((4, 2)), None, None));
        assert_eq!(bracket.settle(1, 2), None);
        assert_eq!(bracket.winner(1), Some(2));
    }

    #[test]
    fn nobody_and_one() {
        assert_eq!(Bracket::new(&[]).winner(1), None);
        assert_eq!(Bracket::new(&[7]).winner(1), Some(7));
        assert_eq!((Bracket::new(&[7]).rounds(), Bracket::new(&[7]).nodes().count()), (0, 0));
    }
}
