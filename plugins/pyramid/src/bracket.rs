//! Who meets whom, and when.

use rescue_plugin_sdk::CandidateId;
use rescue_plugin_sdk::prelude::*;

/// A bracket as a full binary tree in heap order: node 1 is the final, the children of node n are 2n and 2n + 1, and the last
/// half are the leaves. Leaves that nobody holds are byes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bracket {
    leaves: Vec<Option<CandidateId>>,
    rounds: u32,
}

/// Who comes out of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Nobody, ever.
    Bye,
    /// This one.
    Known(CandidateId),
    /// Not known yet.
    Open,
}

impl Bracket {
    /// The bracket of these, best first. The best two can only meet in the final, the best four only in the last two rounds
    /// and so on; byes go to the best.
    #[must_use]
    pub fn new(best_first: &[CandidateId]) -> Self {
        let size = best_first.len().max(1).next_power_of_two();
        let leaves = places(size).into_iter().map(|rank| best_first.get(rank).copied()).collect();
        Self { leaves, rounds: size.trailing_zeros() }
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

    /// Plays the bracket from the leaves to the final: `meet` is called once for each node where two meet, rounds in order, and
    /// says who won if that is known. The result is who comes out at the top.
    pub fn walk(&self, mut meet: impl FnMut(usize, CandidateId, CandidateId) -> Option<CandidateId>) -> Slot {
        let mut slots: Vec<Slot> = self.leaves.iter().map(|leaf| leaf.map_or(Slot::Bye, Slot::Known)).collect();
        while slots.len() > 1 {
            let first = slots.len() / 2;
            slots = slots
                .chunks(2)
                .enumerate()
                .map(|(index, pair)| match pair {
                    [Slot::Bye, one] | [one, Slot::Bye] | [one] => *one,
                    [Slot::Known(a), Slot::Known(b)] => meet(first + index, *a, *b).map_or(Slot::Open, Slot::Known),
                    _ => Slot::Open,
                })
                .collect();
        }
        slots.first().copied().unwrap_or(Slot::Bye)
    }
}

/// The ranks (from 0) in the order of the leaves: at every level, the sum of two that would meet is the same.
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
        for n in 1..40_u32 {
            let bracket = Bracket::new(&(0..n).collect::<Vec<_>>());
            let mut met = vec![];
            let champion = bracket.walk(|node, a, b| {
                met.push((bracket.round(node), a.min(b), a.max(b)));
                Some(a.min(b))
            });
            assert_eq!(champion, Slot::Known(0));
            assert_eq!(met.len(), n as usize - 1);
            assert!(met.is_sorted_by_key(|(round, ..)| *round));
            // Where the better always wins, the last round is 0 against 1, the one before it 0, 1 against 2, 3.
            for (round, winner, loser) in met {
                let left = 1_u32 << (bracket.rounds() - round);
                assert!(winner < left / 2 && loser >= left / 2 && loser < left, "{n}: {winner} met {loser} in {round}");
            }
        }
    }

    #[test]
    fn nobody_and_one() {
        assert_eq!(Bracket::new(&[]).walk(|_, _, _| None), Slot::Bye);
        assert_eq!(Bracket::new(&[7]).walk(|_, _, _| None), Slot::Known(7));
        assert_eq!(Bracket::new(&[7]).rounds(), 0);
    }
}
