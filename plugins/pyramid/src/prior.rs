//! Priors: how good candidates are believed to be before any match.

use core::cmp::Ordering;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{CandidateId, Roster};

/// The prior of one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// The id of the candidate.
    pub id: CandidateId,
    /// Score, confidence and predicted IoU. A missing value counts as −∞, and so does a score that is not wanted.
    beliefs: [f64; 3],
}

impl Prior {
    /// Compares two priors by score, then confidence, then predicted IoU. `Less` means that `self` is better; `Equal`
    /// that all three are equal.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let pairs = self.beliefs.iter().zip(&other.beliefs);
        pairs.map(|(one, other)| other.total_cmp(one)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// The priors of all candidates, best first; equal ones in the order of ids. `scored`: whether scores count.
#[must_use]
pub fn order(roster: &Roster, scored: bool) -> Vec<Prior> {
    let known = |belief: Option<f64>| belief.unwrap_or(f64::NEG_INFINITY);
    let candidates = roster.candidates();
    let mut priors: Vec<Prior> = candidates
        .map(|one| Prior {
            id: one.id,
            beliefs: [roster.score_of(one.id).filter(|_| scored), one.confidence, one.predicted_iou].map(known),
        })
        .collect();
    priors.sort_unstable_by(|a, b| a.compare(b).then(a.id.cmp(&b.id)));
    priors
}
