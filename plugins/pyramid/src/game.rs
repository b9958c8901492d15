//! The tournament once everyone is known: what can be played, what is under way, how it stands.

use crate::bracket::{Bracket, Rank};
use crate::contest::{Meeting, none_of_these};
use crate::prior::Prior;
use crate::{Order, Seeding, Settings};
use alloc::collections::BTreeMap;
use core::cmp::Ordering;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Lineup, Match, Outcome, Place, Ranking};
use rescue_plugin_sdk::{CandidateId, Random};

/// A bracket being played. An outcome moves one winner one node up; nothing else is worked out anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    settings: Settings,
    random: Random,
    /// Everyone, by rank.
    field: Vec<Prior>,
    bracket: Bracket,
    /// What can be played and was not asked for yet.
    wanted: Vec<Meeting>,
    /// What was asked for, by the id of the match.
    under_way: BTreeMap<u32, Meeting>,
    /// What the last verdict left to "none of these": in the final, or of the one who is alone.
    no_target: Option<f64>,
    /// How often a lot decided.
    undecided: u32,
}

impl Game {
    /// Draws the bracket. The field has the best prior first; one candidate alone is judged if `alone`.
    #[must_use]
    pub fn new(settings: Settings, random: Random, field: Vec<Prior>, alone: bool) -> Self {
        let mut entrants: Vec<Rank> = (0..field.len()).collect();
        if settings.seeding == Seeding::Seed {
            entrants.sort_unstable_by_key(|rank| field.get(*rank).map(|prior| prior.id));
            random.named("bracket", 0).shuffle(&mut entrants);
        }
        let bracket = Bracket::new(&entrants);
        let (wanted, under_way) = (Vec::new(), BTreeMap::new());
        let mut game = Self { settings, random, field, bracket, wanted, under_way, no_target: None, undecided: 0 };
        if alone && game.field.len() == 1 {
            game.wanted.push(Meeting { node: 0, first: 0, second: None, attempt: 0 });
        }
        for node in game.bracket.nodes() {
            game.want(node);
        }
        game
    }

    /// All matches that can be played now and were not asked for yet, rounds in order.
    pub fn play(&mut self) -> Vec<Match> {
        let mut wanted = core::mem::take(&mut self.wanted);
        wanted.sort_unstable_by_key(|meeting| (self.bracket.round(meeting.node), meeting.node));
        let matches = wanted.into_iter().map(|meeting| {
            let id = meeting.id(self.settings.rematches);
            self.under_way.insert(id, meeting);
            Match { id, lineup: self.lineup(&meeting) }
        });
        matches.collect()
    }

    /// Whether nothing is left to be played.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.wanted.is_empty() && self.under_way.is_empty()
    }

    /// At most so many matches of later rounds if the better prior wins whatever is open, early rounds first.
    #[must_use]
    pub fn likely(&self, most: usize) -> Vec<Lineup> {
        let nodes = self.bracket.nodes();
        let meetings = nodes.filter_map(|node| self.bracket.guess(node).map(|(a, b)| self.meeting(node, a, b)));
        meetings.map(|meeting| self.lineup(&meeting)).take(most).collect()
    }

    /// A match ended. One that was not asked for, or that has ended before, is ignored.
    pub fn outcome(&mut self, outcome: &Outcome) {
        let Some(meeting) = self.under_way.remove(&outcome.id) else { return };
        let verdict = meeting.verdict(&outcome.ending);
        if verdict.is_none() && meeting.attempt < self.settings.rematches {
            self.wanted.push(Meeting { attempt: meeting.attempt + 1, ..meeting });
            return;
        }
        // The final, or one alone.
        if meeting.node <= 1 {
            self.no_target = verdict.map(none_of_these);
        }
        let Some(second) = meeting.second else { return };
        let winner = match verdict {
            Some(verdict) => meeting.preferred(verdict).unwrap_or_else(|| meeting.first.min(second)),
            None => self.without_judge(meeting.node, meeting.first, second),
        };
        if let Some(above) = self.bracket.settle(meeting.node, winner) {
            self.want(above);
        }
    }

    /// How it stands; see [`crate::Pyramid::standing`].
    #[must_use]
    pub fn ranking(&self) -> Ranking {
        // A lost match counts the rounds before it, everyone else half a round more.
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

    /// Requests for the meeting at a node if both are known.
    fn want(&mut self, node: usize) {
        let meeting = self.bracket.pair(node).map(|(a, b)| self.meeting(node, a, b));
        self.wanted.extend(meeting);
    }

    /// The first attempt of two.
    fn meeting(&self, node: usize, a: Rank, b: Rank) -> Meeting {
        let (better, worse) = (a.min(b), a.max(b));
        let swap = self.settings.order == Order::Random && self.random.named("order", node as u64).coin();
        let (first, second) = if swap { (worse, better) } else { (better, worse) };
        Meeting { node, first, second: Some(second), attempt: 0 }
    }

    fn lineup(&self, meeting: &Meeting) -> Lineup {
        Lineup { contestants: meeting.shown().filter_map(|rank| self.id(rank)).collect(), repeat: meeting.repeat() }
    }

    fn id(&self, rank: Rank) -> Option<CandidateId> {
        self.field.get(rank).map(|prior| prior.id)
    }

    /// Decides by what was known before; by lot where that says nothing.
    fn without_judge(&mut self, node: usize, a: Rank, b: Rank) -> Rank {
        let (better, worse) = (a.min(b), a.max(b));
        let equal = match (self.field.get(better), self.field.get(worse)) {
            (Some(one), Some(other)) => one.compare(other) == Ordering::Equal,
            _ => false,
        };
        self.undecided += u32::from(equal);
        // Of equals, the lower id has the better rank.
        if equal && !self.random.named("draw", node as u64).coin() { worse } else { better }
    }
}

/// Everyone, best first: by rounds survived, given by rank, then by prior.
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

/// A rank as a share of all, from 0 up to but not including 1.
#[allow(clippy::cast_precision_loss, reason = "ranks are small")]
fn share(rank: Rank, n: usize) -> f64 {
    rank as f64 / n as f64
}
