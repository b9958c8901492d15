//! The candidates of a sample.

use crate::{Candidate, CandidateId, Gone, Score, Standing};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The candidates of a sample and what is known of them, sorted by id, so that the order in which facts arrive cannot
/// matter.
///
/// Scorers and tournaments fill it from their facts:
///
/// ```ignore
/// Fact::Entered(candidate) => self.roster.enter(candidate),
/// Fact::Gone(gone) => self.roster.leave(gone),
/// Fact::Closed(standings) => self.roster.close(standings),
/// Fact::Scored(scores) => self.roster.score(scores), // tournaments only
/// ```
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
    /// Adds a candidate.
    pub fn enter(&mut self, candidate: Candidate) {
        self.candidates.insert(candidate.id, candidate);
    }

    /// Records that an id did not become a candidate.
    pub fn leave(&mut self, gone: Gone) {
        self.gone.insert(gone.id, gone);
    }

    /// Closes the roster: every id is known now. The standings say how each candidate compares with the others.
    pub fn close(&mut self, standings: Vec<Standing>) {
        self.standings = standings.into_iter().map(|standing| (standing.id, standing)).collect();
        self.closed = true;
    }

    /// Records the scorer's scores.
    pub fn score(&mut self, scores: Vec<Score>) {
        self.scores = scores.into_iter().map(|score| (score.id, score.value)).collect();
        self.scored = true;
    }

    /// Whether the roster is closed, so that no further candidate can come.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the scorer's scores are known.
    #[must_use]
    pub fn is_scored(&self) -> bool {
        self.scored
    }

    /// The candidates, in the order of their ids.
    pub fn candidates(&self) -> impl ExactSizeIterator<Item = &Candidate> {
        self.candidates.values()
    }

    /// The candidate with this id; `None` if there is none.
    #[must_use]
    pub fn candidate(&self, id: CandidateId) -> Option<&Candidate> {
        self.candidates.get(&id)
    }

    /// The ids that did not become candidates and why, in the order of the ids.
    pub fn gone(&self) -> impl ExactSizeIterator<Item = &Gone> {
        self.gone.values()
    }

    /// How a candidate compares with the others; `None` until the roster is closed.
    #[must_use]
    pub fn standing(&self, id: CandidateId) -> Option<&Standing> {
        self.standings.get(&id)
    }

    /// The scorer's score of a candidate; `None` if it has none, or none is known yet.
    #[must_use]
    pub fn score_of(&self, id: CandidateId) -> Option<f64> {
        self.scores.get(&id).copied()
    }
}
