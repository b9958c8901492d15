//! One pairing: the match that the verifier is asked to judge, and how its verdict is read.

use crate::bracket::Rank;
use rescue_plugin_sdk::Verdict;
use rescue_plugin_sdk::tournament::Ending;

/// One attempt to play the match of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairing {
    /// The node; 0 for a single candidate.
    pub node: usize,
    /// The candidate that is shown first in the first attempt.
    pub first: Rank,
    /// The other candidate; `None` if a single candidate is to be accepted or rejected.
    pub second: Option<Rank>,
    /// The number of attempts before this one. Every second attempt has the other order.
    pub attempt: u32,
}

impl Pairing {
    /// The id of the match, unique for each node and attempt.
    #[must_use]
    pub fn id(&self, rematches: u32) -> u32 {
        let node = u32::try_from(self.node).unwrap_or(u32::MAX);
        node.wrapping_mul(rematches + 1).wrapping_add(self.attempt)
    }

    /// The candidates in the order in which they are shown.
    pub fn shown(&self) -> impl Iterator<Item = Rank> {
        let mut shown = [Some(self.first), self.second];
        if !self.attempt.is_multiple_of(2) {
            shown.reverse();
        }
        shown.into_iter().flatten()
    }

    /// The number of earlier attempts in the same order.
    #[must_use]
    pub fn repeat(&self) -> u32 {
        if self.second.is_some() { self.attempt / 2 } else { self.attempt }
    }

    /// The verdict of an ending; `None` if there is none, or if it does not have one finite share for each contestant.
    #[must_use]
    pub fn verdict<'a>(&self, ending: &'a Ending) -> Option<&'a Verdict> {
        let Ending::Verdict(verdict) = ending else { return None };
        let sound =
            verdict.shares.len() == self.shown().count() && verdict.shares.iter().all(|share| share.is_finite());
        sound.then_some(verdict)
    }

    /// The candidate that a verdict prefers; `None` if both are equally good.
    #[must_use]
    pub fn preferred(&self, verdict: &Verdict) -> Option<Rank> {
        let (a, b) = (verdict.shares.first()?, verdict.shares.get(1)?);
        let position = match a.total_cmp(b) {
            core::cmp::Ordering::Greater => 0,
            core::cmp::Ordering::Less => 1,
            core::cmp::Ordering::Equal => usize::try_from(*verdict.order.first()?).ok()?,
        };
        self.shown().nth(position)
    }
}

/// The share of "none of these" in a verdict, from 0 to 1.
#[must_use]
pub fn none_of_these(verdict: &Verdict) -> f64 {
    (1.0 - verdict.shares.iter().sum::<f64>()).clamp(0.0, 1.0)
}
