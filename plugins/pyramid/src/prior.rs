//! What is believed of candidates before anyone judged them.

use core::cmp::Ordering;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Candidate, Roster};

/// Which of two is believed to be better: the higher score, then confidence, then predicted IoU; what is unknown comes last.
/// `Less` puts `a` first; `Equal` means that nothing known tells them apart.
#[must_use]
pub fn better(roster: &Roster, a: &Candidate, b: &Candidate) -> Ordering {
    let by = |a: Option<f64>, b: Option<f64>| b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY));
    by(roster.score_of(a.id), roster.score_of(b.id))
        .then(by(a.confidence, b.confidence))
        .then(by(a.predicted_iou, b.predicted_iou))
}

/// All candidates, best prior first; ids break ties.
#[must_use]
pub fn order(roster: &Roster) -> Vec<u32> {
    let mut candidates: Vec<&Candidate> = roster.candidates().collect();
    candidates.sort_by(|a, b| better(roster, a, b).then(a.id.cmp(&b.id)));
    candidates.into_iter().map(|candidate| candidate.id).collect()
}
