//! The tournament as a whole.

use crate::bracket::{Bracket, Slot};
use crate::contest::{Meeting, Stage, none_of_these};
use crate::{Order, Seeding, Settings, prior};
use alloc::collections::{BTreeMap, BTreeSet};
use core::cmp::Ordering;
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Ending, Lineup, Match, Outcome, Place, Ranking, Step, Terms};
use rescue_plugin_sdk::{CandidateId, Dice, Roster};

/// Single elimination.
#[derive(Debug, Clone, PartialEq)]
pub struct Pyramid {
    settings: Settings,
    terms: Terms,
    dice: Dice,
    /// Who takes part.
    pub(crate) roster: Roster,
    endings: BTreeMap<u32, Ending>,
    issued: BTreeSet<u32>,
    draw: Option<Draw>,
}

/// What is settled once everyone is known.
#[derive(Debug, Clone, PartialEq)]
struct Draw {
    bracket: Bracket,
    /// 0 for the best prior.
    ranks: BTreeMap<CandidateId, usize>,
}

/// How a meeting ended.
struct Decision {
    winner: CandidateId,
    none: Option<f64>,
    drawn: bool,
}

/// The bracket as played so far.
#[derive(Default)]
struct Played {
    /// Matches to be played or under way.
    wanted: Vec<Match>,
    /// The round in which someone lost.
    lost: BTreeMap<CandidateId, u32>,
    /// The round that someone plays next.
    reached: BTreeMap<CandidateId, u32>,
    /// What each one's last verdict left to "none of these".
    none: BTreeMap<CandidateId, Option<f64>>,
    champion: Option<CandidateId>,
    undecided: u32,
}

impl Pyramid {
    /// A tournament that nobody entered yet.
    #[must_use]
    pub fn new(seed: u64, terms: Terms, settings: Settings) -> Self {
        Self {
            settings,
            terms,
            dice: Dice::new(seed),
            roster: Roster::default(),
            endings: BTreeMap::new(),
            issued: BTreeSet::new(),
            draw: None,
        }
    }

    /// A match ended. One that was never asked for is ignored.
    pub fn outcome(&mut self, outcome: Outcome) {
        if self.issued.contains(&outcome.id) {
            self.endings.insert(outcome.id, outcome.ending);
        }
    }

    /// All matches that can be played now and were not asked for yet.
    pub fn step(&mut self) -> Step {
        if !self.roster.is_closed() || (self.terms.scored && !self.roster.is_scored()) {
            return Step::default();
        }
        let draw = match self.draw.take() {
            Some(draw) => draw,
            None => self.lots(),
        };
        let played = self.play(&draw);
        let prefetch = self.likely(&draw);
        self.draw = Some(draw);
        let done = played.wanted.is_empty();
        let play: Vec<Match> = played.wanted.into_iter().filter(|wanted| self.issued.insert(wanted.id)).collect();
        Step { play, prefetch, done, ..Step::default() }
    }

    /// Everyone, best first: by the round they lost in, then by prior. Those who are still in stand before those who lost in
    /// the round that they play next.
    ///
    /// The score is the number of rounds survived (a bye counts), plus .5 for those still in, plus less than .5 for the
    /// prior: (1 − rank / N) · .4.
    #[must_use]
    pub fn standing(&self) -> Ranking {
        let Some(draw) = &self.draw else { return self.unplayed() };
        let played = self.play(draw);
        let n = draw.ranks.len().max(1);
        let mut places: Vec<Place> = draw
            .ranks
            .iter()
            .map(|(id, rank)| {
                let survived = match played.lost.get(id) {
                    Some(round) => f64::from(*round),
                    None => f64::from(played.reached.get(id).copied().unwrap_or(0)) + 0.5,
                };
                Place { id: *id, score: survived + (1.0 - share(*rank, n)) * 0.4 }
            })
            .collect();
        places.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        let no_target = played.champion.and_then(|champion| played.none.get(&champion).copied().flatten());
        let notes = vec![("undecided".to_owned(), played.undecided.to_string())];
        Ranking { places, no_target, notes, ..Ranking::default() }
    }

    /// The order by prior, while nothing was played.
    fn unplayed(&self) -> Ranking {
        let order = prior::order(&self.roster);
        let n = order.len().max(1);
        let places = order.iter().enumerate();
        Ranking {
            places: places.map(|(rank, id)| Place { id: *id, score: 0.5 + (1.0 - share(rank, n)) * 0.4 }).collect(),
            ..Ranking::default()
        }
    }

    /// Draws the bracket.
    fn lots(&self) -> Draw {
        let mut order = prior::order(&self.roster);
        let ranks = order.iter().enumerate().map(|(rank, id)| (*id, rank)).collect();
        if self.settings.seeding == Seeding::Seed {
            order.sort_unstable();
            self.dice.named("bracket", 0).shuffle(&mut order);
        }
        Draw { bracket: Bracket::new(&order), ranks }
    }

    /// Plays the bracket as far as outcomes are known.
    fn play(&self, draw: &Draw) -> Played {
        let mut played = Played::default();
        let top = draw.bracket.walk(|node, a, b| {
            let meeting = self.meeting(draw, node, a, b);
            let round = draw.bracket.round(node);
            played.reached.extend([(a, round), (b, round)]);
            let decision = match meeting.stage(self.settings.rematches, |id| self.endings.get(&id)) {
                Stage::Wanted(attempt) => {
                    played.wanted.push(meeting.attempt(attempt, self.settings.rematches));
                    return None;
                }
                Stage::Judged(verdict, attempt) => Decision {
                    winner: meeting.preferred(verdict, attempt).unwrap_or_else(|| ahead(draw, a, b)),
                    none: Some(none_of_these(verdict)),
                    drawn: false,
                },
                Stage::Unjudged => self.without_judge(node, a, b),
            };
            let loser = if decision.winner == a { b } else { a };
            played.lost.insert(loser, round);
            played.reached.insert(decision.winner, round + 1);
            played.none.insert(decision.winner, decision.none);
            played.undecided += u32::from(decision.drawn);
            Some(decision.winner)
        });
        if let Slot::Known(champion) = top {
            played.champion = Some(champion);
            if draw.bracket.rounds() == 0 && self.terms.smallest <= 1 {
                self.alone(champion, &mut played);
            }
        }
        played
    }

    /// One candidate alone is accepted or rejected.
    fn alone(&self, id: CandidateId, played: &mut Played) {
        let meeting = Meeting { node: 0, first: id, second: None };
        match meeting.stage(self.settings.rematches, |id| self.endings.get(&id)) {
            Stage::Wanted(attempt) => played.wanted.push(meeting.attempt(attempt, self.settings.rematches)),
            Stage::Judged(verdict, _) => {
                played.none.insert(id, Some(none_of_these(verdict)));
            }
            Stage::Unjudged => {}
        }
    }

    /// Who is shown first.
    fn meeting(&self, draw: &Draw, node: usize, a: CandidateId, b: CandidateId) -> Meeting {
        let better = ahead(draw, a, b);
        let worse = if better == a { b } else { a };
        let swap = self.settings.order == Order::Random && self.dice.named("order", node as u64).coin();
        let (first, second) = if swap { (worse, better) } else { (better, worse) };
        Meeting { node, first, second: Some(second) }
    }

    /// Decides by what was known before; by lot where that says nothing.
    fn without_judge(&self, node: usize, a: CandidateId, b: CandidateId) -> Decision {
        let by_prior = match (self.roster.candidate(a), self.roster.candidate(b)) {
            (Some(one), Some(other)) => prior::better(&self.roster, one, other),
            _ => Ordering::Equal,
        };
        let (winner, drawn) = match by_prior {
            Ordering::Less => (a, false),
            Ordering::Greater => (b, false),
            Ordering::Equal if self.dice.named("draw", node as u64).coin() => (a.min(b), true),
            Ordering::Equal => (a.max(b), true),
        };
        Decision { winner, none: None, drawn }
    }

    /// The matches of later rounds if the better prior wins whatever is open, early rounds first.
    fn likely(&self, draw: &Draw) -> Vec<Lineup> {
        let mut likely = Vec::new();
        if self.terms.spare == 0 {
            return likely;
        }
        let mut guessed = BTreeSet::new();
        draw.bracket.walk(|node, a, b| {
            let meeting = self.meeting(draw, node, a, b);
            let guess = guessed.contains(&(node * 2)) || guessed.contains(&(node * 2 + 1));
            if guess {
                likely.push(meeting.lineup(0));
            }
            match meeting.stage(self.settings.rematches, |id| self.endings.get(&id)) {
                Stage::Judged(verdict, attempt) if !guess => meeting.preferred(verdict, attempt),
                Stage::Unjudged if !guess => Some(self.without_judge(node, a, b).winner),
                _ => {
                    guessed.insert(node);
                    None
                }
            }
            .or_else(|| Some(ahead(draw, a, b)))
        });
        likely.truncate(usize::try_from(self.terms.spare).unwrap_or(usize::MAX));
        likely
    }
}

/// Who of two has the better prior.
fn ahead(draw: &Draw, a: CandidateId, b: CandidateId) -> CandidateId {
    if draw.ranks.get(&a) <= draw.ranks.get(&b) { a } else { b }
}

/// A rank as a share of all, from 0 up to but not including 1.
#[allow(clippy::cast_precision_loss, reason = "ranks are small")]
fn share(rank: usize, n: usize) -> f64 {
    rank as f64 / n as f64
}
