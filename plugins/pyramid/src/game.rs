//! The tournament once all candidates are known: the matches to play, the matches under way, and the ranking.

use crate::bracket::{Bracket, Rank};
use crate::pairing::{Pairing, none_of_these};
use crate::prior::Prior;
use crate::{Order, Seeding, Settings};
use alloc::collections::BTreeMap;
use core::cmp::Ordering;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Lineup, Match, Outcome, Place, Ranking};
use rescue_plugin_sdk::{CandidateId, Random};

/// A bracket that is being played. Each outcome moves one winner up by one node; nothing else is computed again.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    settings: Settings,
    random: Random,
    /// All candidates, by rank.
    field: Vec<Prior>,
    bracket: Bracket,
    /// Pairings that can be played and were not asked for yet.
    ready: Vec<Pairing>,
    /// Pairings that were asked for, by the id of the match.
    under_way: BTreeMap<u32, Pairing>,
    /// The share of "none of these" in the final, or in the match of a single candidate; `None` without a verdict.
    no_target: Option<f64>,
    /// The number of matches that a random draw decided.
    undecided: u32,
}

impl Game {
    /// Makes the bracket. `field` has the candidates, best prior first. If `judge_single`, a single candidate is judged
    /// as well.
    #[must_use]
    pub fn new(settings: Settings, random: Random, field: Vec<Prior>, judge_single: bool) -> Self {
        let mut entrants: Vec<Rank> = (0..field.len()).collect();
        let bracket = match settings.seeding {
            Seeding::Prior => Bracket::new(&entrants),
            Seeding::Seed => {
                entrants.sort_unstable_by_key(|rank| field.get(*rank).map(|prior| prior.id));
                random.named("bracket", 0).shuffle(&mut entrants);
                Bracket::new(&entrants)
            }
            Seeding::Blocks => Bracket::of_leaves(&by_id(&field)),
        };
        let (ready, under_way) = (Vec::new(), BTreeMap::new());
        let mut game = Self { settings, random, field, bracket, ready, under_way, no_target: None, undecided: 0 };
        if judge_single && game.field.len() == 1 {
            game.ready.push(Pairing { node: 0, first: 0, second: None, attempt: 0 });
        }
        for node in game.bracket.nodes() {
            game.add_ready(node);
        }
        game
    }

    /// All matches that can be played now and were not asked for yet, first round first.
    pub fn play(&mut self) -> Vec<Match> {
        let mut ready = core::mem::take(&mut self.ready);
        ready.sort_unstable_by_key(|pairing| (self.bracket.round(pairing.node), pairing.node));
        let matches = ready.into_iter().map(|pairing| {
            let id = pairing.id(self.settings.rematches);
            self.under_way.insert(id, pairing);
            Match { id, lineup: self.lineup(&pairing) }
        });
        matches.collect()
    }

    /// Whether no match is left to be played.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ready.is_empty() && self.under_way.is_empty()
    }

    /// The later matches if the better prior wins every open match, early rounds first; at most `most` of them.
    #[must_use]
    pub fn guesses(&self, most: usize) -> Vec<Lineup> {
        let nodes = self.bracket.nodes();
        let pairings = nodes.filter_map(|node| self.bracket.guess(node).map(|(a, b)| self.pairing(node, a, b)));
        pairings.map(|pairing| self.lineup(&pairing)).take(most).collect()
    }

    /// Takes in the outcome of a match. Ignores it if the match was not asked for or has ended before.
    pub fn outcome(&mut self, outcome: &Outcome) {
        let Some(pairing) = self.under_way.remove(&outcome.id) else { return };
        let verdict = pairing.verdict(&outcome.ending);
        if verdict.is_none() && pairing.attempt < self.settings.rematches {
            self.ready.push(Pairing { attempt: pairing.attempt + 1, ..pairing });
            return;
        }
        let Some(second) = pairing.second else {
            self.no_target = verdict.map(none_of_these);
            return;
        };
        let winner = match verdict {
            Some(verdict) => pairing.preferred(verdict).unwrap_or_else(|| pairing.first.min(second)),
            None => self.decide_by_prior(pairing.node, pairing.first, second),
        };
        if let Some(above) = self.bracket.advance(pairing.node, winner) {
            self.add_ready(above);
        } else if self.bracket.winner(1).is_some() {
            self.no_target = verdict.map(none_of_these);
        }
    }

    /// The current ranking; see [`crate::Pyramid::standing`].
    #[must_use]
    pub fn ranking(&self) -> Ranking {
        // A loser has survived the rounds before the lost match; a candidate that is still in gets half a round more.
        let mut survived = vec![0.5; self.field.len()];
        let mut note = |rank: Rank, rounds: f64| {
            if let Some(survived) = survived.get_mut(rank) {
                *survived = rounds;
            }
        };
        for node in self.bracket.nodes() {
            let Some((a, b)) = self.bracket.pair(node) else { continue };
            let round = f64::from(self.bracket.round(node));
            let winner = self.bracket.winner(node);
            for rank in [a, b] {
                note(rank, if winner.is_none() { round + 0.5 } else { round });
            }
            if let Some(winner) = winner {
                note(winner, round + 1.5);
            }
        }
        let notes = vec![("undecided".to_owned(), self.undecided.to_string())];
        Ranking { places: places(&self.field, survived), no_target: self.no_target, notes, ..Ranking::default() }
    }

    /// Adds the pairing of a node to those that can be played, if both candidates are known.
    fn add_ready(&mut self, node: usize) {
        let pairing = self.bracket.pair(node).map(|(a, b)| self.pairing(node, a, b));
        self.ready.extend(pairing);
    }

    /// The first attempt at the match of two candidates.
    fn pairing(&self, node: usize, a: Rank, b: Rank) -> Pairing {
        let (better, worse) = (a.min(b), a.max(b));
        let swap = self.settings.order == Order::Random && self.coin("order", node, a, b);
        let (first, second) = if swap { (worse, better) } else { (better, worse) };
        Pairing { node, first, second: Some(second), attempt: 0 }
    }

    /// A coin for the match of two candidates at a node. In blocks, it depends on the two alone.
    fn coin(&self, name: &str, node: usize, a: Rank, b: Rank) -> bool {
        let (first, second) = (self.id(a.min(b)), self.id(a.max(b)));
        let number = match (self.settings.seeding, first, second) {
            (Seeding::Blocks, Some(first), Some(second)) => u64::from(first) << 32 | u64::from(second),
            _ => node as u64,
        };
        self.random.named(name, number).coin()
    }

    fn lineup(&self, pairing: &Pairing) -> Lineup {
        Lineup { contestants: pairing.shown().filter_map(|rank| self.id(rank)).collect(), repeat: pairing.repeat() }
    }

    fn id(&self, rank: Rank) -> Option<CandidateId> {
        self.field.get(rank).map(|prior| prior.id)
    }

    /// The winner of a match without a verdict: the better prior, or a random draw if the priors are equal.
    fn decide_by_prior(&mut self, node: usize, a: Rank, b: Rank) -> Rank {
        let (better, worse) = (a.min(b), a.max(b));
        let equal = match (self.field.get(better), self.field.get(worse)) {
            (Some(one), Some(other)) => one.compare(other) == Ordering::Equal,
            _ => false,
        };
        self.undecided += u32::from(equal);
        // With equal priors, the lower id has the better rank.
        if equal && !self.coin("draw", node, a, b) { worse } else { better }
    }
}

/// The ranks of the candidates in the order of ids; `None` for an id without a candidate.
fn by_id(field: &[Prior]) -> Vec<Option<Rank>> {
    let last = field.iter().filter_map(|prior| usize::try_from(prior.id).ok()).max();
    let mut leaves = vec![None; last.map_or(0, |last| last + 1)];
    for (rank, prior) in field.iter().enumerate() {
        if let Some(leaf) = usize::try_from(prior.id).ok().and_then(|id| leaves.get_mut(id)) {
            *leaf = Some(rank);
        }
    }
    leaves
}

/// The places, best first: by rounds survived (in the order of ranks), then by prior.
#[must_use]
pub fn places(field: &[Prior], survived: impl IntoIterator<Item = f64>) -> Vec<Place> {
    let places = field.iter().zip(survived).enumerate();
    let mut places: Vec<Place> = places
        .map(|(rank, (prior, survived))| Place {
            id: prior.id,
            score: survived + (1.0 - share(rank, field.len())) * 0.4,
        })
        .collect();
    places.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    places
}

/// A rank as a share of the number of candidates, from 0 up to but not including 1.
#[allow(clippy::cast_precision_loss, reason = "ranks are small")]
fn share(rank: Rank, n: usize) -> f64 {
    rank as f64 / n as f64
}
