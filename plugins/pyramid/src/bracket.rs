//! The bracket: which candidates meet in which match.

use rescue_plugin_sdk::prelude::*;

/// The rank of a candidate by prior: 0 is the best.
pub type Rank = usize;

/// A bracket: a full binary tree in heap order. Node 1 is the final, the children of node n are the nodes 2n and 2n +
/// 1, and the last half of the nodes are the leaves (the candidates). Every other node is a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bracket {
    winners: Vec<Winner>,
    rounds: u32,
}

/// The winner of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Winner {
    /// There is never one: no candidate is below this node.
    Bye,
    /// This candidate.
    Known(Rank),
    /// Not known yet; this candidate if the better prior wins every open match.
    Likely(Rank),
}

impl Bracket {
    /// The bracket of these entrants, the favourite first. The first two can only meet in the final, the first four
    /// only in the last two rounds, and so on. Byes occur in the first round only and go to the first entrants.
    #[must_use]
    pub fn new(entrants: &[Rank]) -> Self {
        let size = entrants.len().max(1).next_power_of_two();
        let leaves: Vec<_> = seed_order(size).into_iter().map(|place| entrants.get(place).copied()).collect();
        Self::of_leaves(&leaves)
    }

    /// The bracket with these leaves; `None` is a bye. Leaves 0 and 1 meet, then their winner and that of leaves 2 and
    /// 3, then the winner of the first four and that of the next four, and so on: what happens among the first 2, 4, 8,
    /// … leaves does not depend on the later ones.
    #[must_use]
    pub fn of_leaves(leaves: &[Option<Rank>]) -> Self {
        let size = leaves.len().max(1).next_power_of_two();
        let byes = core::iter::repeat_n(Winner::Bye, size - leaves.len());
        let leaves = leaves.iter().map(|leaf| leaf.map_or(Winner::Bye, Winner::Known)).chain(byes);
        let mut bracket = Self {
            winners: core::iter::repeat_n(Winner::Bye, size).chain(leaves).collect(),
            rounds: size.trailing_zeros(),
        };
        for node in (1..size).rev() {
            bracket.put(node, bracket.expected(node));
        }
        bracket
    }

    /// The number of rounds; 0 for at most one entrant.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// The round of a node, counted from 0. The final is in the last round.
    #[must_use]
    pub fn round(&self, node: usize) -> u32 {
        self.rounds.saturating_sub(1).saturating_sub(node.max(1).ilog2())
    }

    /// All nodes but the leaves, first round first.
    pub fn nodes(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.rounds).rev().flat_map(|depth| 1 << depth..2 << depth)
    }

    /// The two candidates that meet at a node; `None` unless both are known.
    #[must_use]
    pub fn pair(&self, node: usize) -> Option<(Rank, Rank)> {
        match self.children(node) {
            (Winner::Known(a), Winner::Known(b)) => Some((a, b)),
            _ => None,
        }
    }

    /// The two candidates that meet at a node if the better prior wins every open match. `None` if [`Self::pair`] knows
    /// them, or if no match takes place there.
    #[must_use]
    pub fn guess(&self, node: usize) -> Option<(Rank, Rank)> {
        match self.children(node) {
            (Winner::Known(a) | Winner::Likely(a), Winner::Likely(b)) | (Winner::Likely(a), Winner::Known(b)) => {
                Some((a, b))
            }
            _ => None,
        }
    }

    /// The winner of a node; `None` if it is not known yet or there is none.
    #[must_use]
    pub fn winner(&self, node: usize) -> Option<Rank> {
        match self.state(node) {
            Winner::Known(rank) => Some(rank),
            Winner::Bye | Winner::Likely(_) => None,
        }
    }

    /// Sets the winner of a node. Returns the node above if its match can be played now.
    pub fn advance(&mut self, node: usize, winner: Rank) -> Option<usize> {
        self.put(node, Winner::Known(winner));
        let above = node / 2;
        // The likely winners further up may change as well.
        let mut open = above;
        while open > 0 && self.state(open) != self.expected(open) {
            self.put(open, self.expected(open));
            open /= 2;
        }
        self.pair(above).map(|_| above)
    }

    /// The winner of a node as far as it is known before the match.
    fn expected(&self, node: usize) -> Winner {
        match self.children(node) {
            (Winner::Bye, one) | (one, Winner::Bye) => one,
            (Winner::Known(a) | Winner::Likely(a), Winner::Known(b) | Winner::Likely(b)) => Winner::Likely(a.min(b)),
        }
    }

    /// The winners of the two children of a node.
    fn children(&self, node: usize) -> (Winner, Winner) {
        (self.state(node * 2), self.state(node * 2 + 1))
    }

    fn state(&self, node: usize) -> Winner {
        self.winners.get(node).copied().unwrap_or(Winner::Bye)
    }

    fn put(&mut self, node: usize, winner: Winner) {
        if let Some(place) = self.winners.get_mut(node) {
            *place = winner;
        }
    }
}

/// The positions of the entrants (from 0) in the order of the leaves: the standard seeding, in which the positions of
/// two favourites that meet have the same sum in all matches of a round. `size` is a power of two.
fn seed_order(size: usize) -> Vec<usize> {
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
    fn the_best_entrants_meet_late() {
        assert_eq!(seed_order(8), [0, 7, 3, 4, 1, 6, 2, 5]);
        for n in 1..40 {
            let mut bracket = Bracket::new(&(0..n).collect::<Vec<_>>());
            let mut met = vec![];
            for node in bracket.nodes() {
                if let Some((a, b)) = bracket.pair(node) {
                    met.push((bracket.round(node), a.min(b), a.max(b)));
                    bracket.advance(node, a.min(b));
                }
            }
            assert_eq!(bracket.winner(1), Some(0));
            assert_eq!(met.len(), n - 1);
            assert!(met.is_sorted_by_key(|(round, ..)| *round));
            // If the better one always wins, the last round is 0 against 1, and the round before it 0 and 1 against 2
            // and 3.
            for (round, winner, loser) in met {
                let left = 1 << (bracket.rounds() - round);
                assert!(winner < left / 2 && loser >= left / 2 && loser < left, "{n}: {winner} met {loser} in {round}");
            }
        }
    }

    #[test]
    fn likely_winners_follow_known_winners() {
        let mut bracket = Bracket::new(&[0, 1, 2, 3, 4]); // leaves: 0, –, 3, 4, 1, –, 2, –
        let guesses = |bracket: &Bracket| bracket.nodes().map(|node| bracket.guess(node)).collect::<Vec<_>>();
        let (open, known) = (bracket.nodes().map(|node| bracket.pair(node)).collect::<Vec<_>>(), bracket.winner(4));
        assert_eq!(open, [None, Some((3, 4)), None, None, None, Some((1, 2)), None]);
        assert_eq!((known, bracket.winner(5)), (Some(0), None));
        assert_eq!(guesses(&bracket), [None, None, None, None, Some((0, 3)), None, Some((0, 1))]);
        assert_eq!(bracket.advance(3, 2), None);
        assert_eq!(guesses(&bracket), [None, None, None, None, Some((0, 3)), None, Some((0, 2))]);
        assert_eq!(bracket.advance(5, 4), Some(2));
        assert_eq!((bracket.pair(2), bracket.guess(2)), (Some((0, 4)), None));
        assert_eq!(bracket.advance(2, 4), Some(1));
        assert_eq!((bracket.pair(1), bracket.guess(1), bracket.winner(1)), (Some((4, 2)), None, None));
        assert_eq!(bracket.advance(1, 2), None);
        assert_eq!(bracket.winner(1), Some(2));
    }

    #[test]
    fn brackets_of_none_and_one() {
        assert_eq!(Bracket::new(&[]).winner(1), None);
        assert_eq!(Bracket::new(&[7]).winner(1), Some(7));
        assert_eq!((Bracket::new(&[7]).rounds(), Bracket::new(&[7]).nodes().count()), (0, 0));
    }
}
