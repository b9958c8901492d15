//! Who takes part.

use crate::{Candidate, CandidateId, Gone, Score, Standing};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// What scorers and tournaments are told of candidates, kept by id, so that the order of arrival cannot matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roster {
    candidates: BTreeMap<CandidateId, Candidate>,
    gone: BTreeMap<CandidateId, Gone>,
    standings: BTreeMap<CandidateId, Standing>,
    scores: BTreeMap<CandidateId, f64>,
    closed: bool,
    scored: bool,
}

impl Roster {
    /// A candidate entered.
    pub fn enter(&mut self, candidate: Candidate) {
        self.candidates.insert(candidate.id, candidate);
    }

    /// An id did not become a candidate.
    pub fn leave(&mut self, gone: Gone) {
        self.gone.insert(gone.id, gone);
    }

    /// No further id enters or goes.
    pub fn close(&mut self, standings: Vec<Standing>) {
        self.standings = standings.into_iter().map(|standing| (standing.id, standing)).collect();
        self.closed = true;
    }

    /// The scorer's numbers came.
    pub fn score(&mut self, scores: Vec<Score>) {
        self.scores = scores.into_iter().map(|score| (score.id, score.value)).collect();
        self.scored = true;
    }

    /// Whether all fates are known.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the scorer's numbers came.
    #[must_use]
    pub fn is_scored(&self) -> bool {
        self.scored
    }

    /// The candidates in the order of their ids.
    pub fn candidates(&self) -> impl ExactSizeIterator<Item = &Candidate> {
        self.candidates.values()
    }

    /// The candidate of this id.
    #[must_use]
    pub fn candidate(&self, id: CandidateId) -> Option<&Candidate> {
        self.candidates.get(&id)
    }

    /// The ids that did not become candidates, in their order.
    pub fn gone(&self) -> impl ExactSizeIterator<Item = &Gone> {
        self.gone.values()
    }

    /// What the full set tells about a candidate.
    #[must_use]
    pub fn standing(&self, id: CandidateId) -> Option<&Standing> {
        self.standings.get(&id)
    }

    /// The scorer's number for a candidate.
    #[must_use]
    pub fn score_of(&self, id: CandidateId) -> Option<f64> {
        self.scores.get(&id).copied()
    }
}
