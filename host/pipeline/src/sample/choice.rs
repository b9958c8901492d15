//! What a strategy chooses among the first hypotheses of a search, and what that has cost.

use rescue_mask::{Mask, MaskError};
use rescue_plugin::border::exports::rescue::plugin::tournament::{Ending, Match, Outcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::result_record::State;
use crate::ask::{Cost, SampleAnswers};
use crate::exchange::AbsenceRecord;

/// What one strategy chooses among the first hypotheses of a sample's search. Nothing of the later hypotheses has reached it.
#[derive(Debug)]
pub struct Choice {
    /// The number of the strategy: 0 for the run's own plugins, then those of [`Further`](crate::Further), in their order.
    pub strategy: usize,
    /// The number of hypotheses.
    pub n: u32,
    /// The choice, or why there is none.
    pub made: Result<Chosen, Unmade>,
}

/// Why a choice was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// At least so many questions, whose answers are not known, would have to be asked for it.
    Needs(usize),
    /// A plugin or a service failed, and how.
    Failed(String),
}

/// A choice.
#[derive(Debug)]
pub struct Chosen {
    /// The mask of the answer. `None` if nothing was found.
    pub mask: Option<Mask>,
    /// The candidates whose union is the answer, also if nothing was found because probably none fits.
    pub ids: Vec<u32>,
    /// The ids of all candidates, best first; near duplicates stand right after the candidate that they were merged into.
    pub ranking: Vec<u32>,
    /// Whether every question has an answer that could be read.
    pub state: State,
    /// The questions without an answer, in the order of keys.
    pub absences: Vec<AbsenceRecord>,
    /// The matches, in the order in which they ended in the canonical pass.
    pub matches: Vec<PlayedMatch>,
    /// What it has cost.
    pub cost: Cost,
}

/// A match that was played.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct PlayedMatch {
    /// The ids of the candidates, in the order in which the verifier was told of them.
    pub contestants: Vec<u32>,
    /// How often they had met in this order before.
    pub repeat: u32,
    /// The answers that the verifier was told.
    pub calls: u32,
    /// What came of it.
    #[serde(flatten)]
    pub ending: MatchEnding,
}

/// What came of a match.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchEnding {
    /// The probability of being the best for each contestant; what is missing to 1 is the share of "none of these".
    Shares(Vec<f64>),
    /// The verifier has no opinion, and why.
    Abstained(String),
    /// An answer is missing, and why.
    Failed(String),
}

/// How many matches came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct MatchCounts {
    /// All matches.
    pub matches: u32,
    /// Those in which the verifier abstained.
    pub abstained: u32,
    /// Those that lacked an answer.
    pub failed: u32,
}

impl MatchCounts {
    /// The counts of these matches.
    pub fn of(played: &[PlayedMatch]) -> Self {
        let mut counts = Self::default();
        for one in played {
            counts.matches += 1;
            counts.abstained += u32::from(matches!(one.ending, MatchEnding::Abstained(_)));
            counts.failed += u32::from(matches!(one.ending, MatchEnding::Failed(_)));
        }
        counts
    }
}

impl PlayedMatch {
    pub(super) fn new(played: &Match, outcome: &Outcome) -> Self {
        let ending = match &outcome.ending {
            Ending::Verdict(verdict) => MatchEnding::Shares(verdict.shares.clone()),
            Ending::Abstained(why) => MatchEnding::Abstained(why.clone()),
            Ending::Failed(why) => MatchEnding::Failed(why.clone()),
        };
        let lineup = &played.lineup;
        Self { contestants: lineup.contestants.clone(), repeat: lineup.repeat, calls: outcome.calls, ending }
    }

    /// The place of the one best contestant in the order shown. `None` without a verdict, or if several are equally good.
    pub fn best(&self) -> Option<usize> {
        let MatchEnding::Shares(shares) = &self.ending else { return None };
        let most = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut best = shares.iter().enumerate().filter(|(_, share)| **share >= most).map(|(place, _)| place);
        best.next().filter(|_| best.next().is_none())
    }
}

impl Chosen {
    /// A choice that has ended.
    pub(super) fn new(answer: &Answer, state: State, matches: Vec<PlayedMatch>, answers: &SampleAnswers) -> Self {
        Self {
            mask: answer.mask.clone(),
            ids: answer.ids.clone(),
            ranking: answer.places.iter().map(|place| place.id).collect(),
            state,
            absences: answers.absences(),
            matches,
            cost: answers.cost(),
        }
    }

    /// What this choice would be had only the first `n` hypotheses been answers: the union of those of them that are the answer, else the
    /// best-ranked one. The ranking knows the later ones. `candidates` gives each one's mask.
    ///
    /// # Errors
    ///
    /// Returns an error if the masks differ in size.
    pub fn among_first(&self, n: u32, candidate: impl Fn(u32) -> Option<Mask>) -> Result<Option<Mask>, MaskError> {
        if self.mask.is_none() {
            return Ok(None);
        }
        let mut union: Option<Mask> = None;
        for mask in self.ids.iter().filter(|id| **id < n).filter_map(|id| candidate(*id)) {
            match &mut union {
                Some(union) => union.union_with(&mask)?,
                None => union = Some(mask),
            }
        }
        let ranked = || self.ranking.iter().find(|id| **id < n).and_then(|id| candidate(*id));
        Ok(union.or_else(ranked))
    }
}
