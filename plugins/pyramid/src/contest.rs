//! One meeting: what is asked of a judge, and what the answer says.

use crate::bracket::Rank;
use rescue_plugin_sdk::Verdict;
use rescue_plugin_sdk::tournament::Ending;

/// A meeting at a node of the bracket, and how often it was played in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// The node; 0 for one candidate alone.
    pub node: usize,
    /// Who is shown first in the first attempt.
    pub first: Rank,
    /// Who is shown second; none where one is to be accepted or rejected.
    pub second: Option<Rank>,
    /// Attempts before this one. Every second one has the other order.
    pub attempt: u32,
}

impl Meeting {
    /// The id of the match: one of its own for each node and attempt.
    #[must_use]
    pub fn id(&self, rematches: u32) -> u32 {
        let node = u32::try_from(self.node).unwrap_or(u32::MAX);
        node.wrapping_mul(rematches + 1).wrapping_add(self.attempt)
    }

    /// Who is shown, in this order.
    pub fn shown(&self) -> impl Iterator<Item = Rank> {
        let mut shown = [Some(self.first), self.second];
        if !self.attempt.is_multiple_of(2) {
            shown.reverse();
        }
        shown.into_iter().flatten()
    }

    /// How often the same were shown in the same order before.
    #[must_use]
    pub fn repeat(&self) -> u32 {
        if self.second.is_some() { self.attempt / 2 } else { self.attempt }
    }

    /// The verdict, where a judge saw the match: one with a finite share for each contestant.
    #[must_use]
    pub fn verdict<'a>(&self, ending: &'a Ending) -> Option<&'a Verdict> {
        let Ending::Verdict(verdict) = ending else { return None };
        let sound =
            verdict.shares.len() == self.shown().count() && verdict.shares.iter().all(|share| share.is_finite());
        sound.then_some(verdict)
    }

    /// Whom a verdict prefers; none where it holds both equally good.
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

/// The share of "none of these".
#[must_use]
pub fn none_of_these(verdict: &Verdict) -> f64 {
    (1.0 - verdict.shares.iter().sum::<f64>()).clamp(0.0, 1.0)
}
