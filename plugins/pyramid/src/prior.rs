//! What is believed of candidates before anyone judged them.

use core::cmp::Ordering;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{CandidateId, Roster};

/// What is believed of one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Whose it is.
    pub id: CandidateId,
    /// Score, confidence, predicted IoU. What is unknown is below every number.
    beliefs: [f64; 3],
}

impl Prior {
    /// Which of two is believed to be better: the higher score, then confidence, then predicted IoU; what is unknown comes
    /// last. `Less` puts `self` first; `Equal` means that nothing known tells them apart.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let pairs = self.beliefs.iter().zip(&other.beliefs);
        pairs.map(|(one, other)| other.total_cmp(one)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// All candidates, best prior first; ids break ties.
#[must_use]
pub fn order(roster: &Roster) -> Vec<Prior> {
    let known = |belief: Option<f64>| belief.unwrap_or(f64::NEG_INFINITY);
    let candidates = roster.candidates();
    let mut priors: Vec<Prior> = candidates
        .map(|one| Prior {
            id: one.id,
            beliefs: [roster.score_of(one.id), one.confidence, one.predicted_iou].map(known),
        })
        .collect();
    priors.sort_unstable_by(|a, b| a.compare(b).then(a.id.cmp(&b.id)));
    priors
}
