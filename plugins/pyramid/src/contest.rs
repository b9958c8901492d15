//! One meeting of two: its matches, its rematches and its end.

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Ending, Lineup, Match};
use rescue_plugin_sdk::{CandidateId, Verdict};

/// A meeting at a node of the bracket. The first contestant is shown first in the first match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// The node; 0 for one candidate alone.
    pub node: usize,
    /// Who is shown first.
    pub first: CandidateId,
    /// Who is shown second; none where one is to be accepted or rejected.
    pub second: Option<CandidateId>,
}

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage<'a> {
    /// This match is to be played, or is under way.
    Wanted(u32),
    /// A judge saw it: the verdict, and in which attempt it came.
    Judged(&'a Verdict, u32),
    /// All attempts are used up.
    Unjudged,
}

impl Meeting {
    /// The match of an attempt. Every second one has the other order; when both orders are used up, the repeat rises.
    #[must_use]
    pub fn attempt(&self, attempt: u32, rematches: u32) -> Match {
        let node = u32::try_from(self.node).unwrap_or(u32::MAX);
        Match { id: node.wrapping_mul(rematches + 1).wrapping_add(attempt), lineup: self.lineup(attempt) }
    }

    /// Who meets in an attempt, in the order shown.
    #[must_use]
    pub fn lineup(&self, attempt: u32) -> Lineup {
        match self.second {
            None => Lineup { contestants: vec![self.first], repeat: attempt },
            Some(second) if attempt.is_multiple_of(2) => {
                Lineup { contestants: vec![self.first, second], repeat: attempt / 2 }
            }
            Some(second) => Lineup { contestants: vec![second, self.first], repeat: attempt / 2 },
        }
    }

    /// Where it stands after what is known of its matches: the first verdict counts.
    pub fn stage<'a>(&self, rematches: u32, ending: impl Fn(u32) -> Option<&'a Ending>) -> Stage<'a> {
        let contestants = if self.second.is_some() { 2 } else { 1 };
        for attempt in 0..=rematches {
            match ending(self.attempt(attempt, rematches).id) {
                None => return Stage::Wanted(attempt),
                Some(Ending::Verdict(verdict)) if sound(verdict, contestants) => {
                    return Stage::Judged(verdict, attempt);
                }
                Some(_) => {}
            }
        }
        Stage::Unjudged
    }

    /// Whom a verdict prefers; none where it holds both equally good.
    #[must_use]
    pub fn preferred(&self, verdict: &Verdict, attempt: u32) -> Option<CandidateId> {
        let contestants = self.lineup(attempt).contestants;
        let (a, b) = (verdict.shares.first()?, verdict.shares.get(1)?);
        let position = match a.total_cmp(b) {
            core::cmp::Ordering::Greater => 0,
            core::cmp::Ordering::Less => 1,
            core::cmp::Ordering::Equal => usize::try_from(*verdict.order.first()?).ok()?,
        };
        contestants.get(position).copied()
    }
}

/// Whether a verdict has a finite share for each contestant.
fn sound(verdict: &Verdict, contestants: usize) -> bool {
    verdict.shares.len() == contestants && verdict.shares.iter().all(|share| share.is_finite())
}

/// The share of "none of these".
#[must_use]
pub fn none_of_these(verdict: &Verdict) -> f64 {
    (1.0 - verdict.shares.iter().sum::<f64>()).clamp(0.0, 1.0)
}
