//! A tournament's session.

use rescue_plugin::border::exports::rescue::plugin::tournament::{
    Ending, Fact, Lineup, Match, Outcome, Place, Ranking, Step, Terms,
};
use rescue_plugin::rules::{Next, TourneyRules};

use super::Generator;
use super::common::{CommonReference, unit};
use super::compare::{STEPS, agree, distinct, limits, next};

/// The reference implementation of the rules for tournaments.
struct Reference {
    common: CommonReference,
    terms: Terms,
    entered: Vec<u32>,
    closed: bool,
    played: Vec<Match>,
    under_way: Vec<u32>,
}

pub(super) fn session(generator: &mut Generator) {
    let (brief, tight) = (generator.brief(), generator.once_in(3));
    let smallest = 1 + generator.below(2);
    let largest = smallest + generator.below(3);
    let terms = Terms { smallest, largest, scored: false, spare: generator.below(4), context: Vec::new() };
    let limits = limits(tight);
    let mut rules = TourneyRules::new(&brief, &terms, limits.clone());
    let mut reference = Reference {
        common: CommonReference::new(&brief, limits),
        terms,
        entered: Vec::new(),
        closed: false,
        played: Vec::new(),
        under_way: Vec::new(),
    };
    for _ in 0..STEPS {
        if generator.is_spent() {
            return;
        }
        let (step, owed) = (generator.tourney_step(), !reference.closed);
        let said = rules.step(&step, owed);
        agree(&said, reference.step(&step, owed), tight);
        let Ok(said) = said else { return };
        assert_eq!(rules.over(), said == Next::Over);
        for id in (0..8).chain([u32::MAX]) {
            assert_eq!(rules.wants(id), said != Next::Over && reference.under_way.contains(&id));
        }
        if said == Next::Over || generator.once_in(8) {
            let ranking = generator.ranking(&reference.entered);
            let said = rules.ranking(&ranking);
            agree(&said, reference.ranking(&ranking), tight);
            if said.is_err() {
                return;
            }
            // A ranking has a first place if there is any candidate.
            assert_eq!(ranking.places.is_empty(), reference.entered.is_empty());
        }
        match said {
            Next::Over => return,
            Next::More => {}
            Next::Wait => {
                let mut facts = generator.tourney_facts(brief.count, &reference);
                let wanted: Vec<Fact> = facts.iter().filter(|fact| reference.told(fact)).cloned().collect();
                rules.told(&mut facts);
                assert_eq!(facts, wanted);
            }
        }
    }
}

impl Reference {
    fn step(&mut self, step: &Step, owed: bool) -> Option<Next> {
        let Step { play, cancel, prefetch, done } = step;
        let good = self.common.entries(play.len() + cancel.len() + prefetch.len())
            && play.iter().all(|wanted| self.play(wanted))
            && cancel.iter().all(|id| self.played.iter().any(|known| known.id == *id))
            && prefetch.len() <= self.terms.spare as usize
            && prefetch.iter().all(|guess| self.can_meet(&guess.contestants));
        self.under_way.retain(|id| !cancel.contains(id));
        let owed = owed || !self.under_way.is_empty();
        if good { next(*done, play.is_empty() && cancel.is_empty(), owed) } else { None }
    }

    fn can_meet(&self, contestants: &[u32]) -> bool {
        let (smallest, largest) = (self.terms.smallest as usize, self.terms.largest as usize);
        (smallest..=largest).contains(&contestants.len()) && distinct(contestants, &self.entered)
    }

    fn play(&mut self, wanted: &Match) -> bool {
        let Lineup { contestants, repeat } = &wanted.lineup;
        let good = self.can_meet(contestants)
            && self.played.iter().all(|other| {
                other.id != wanted.id && (other.lineup.contestants != *contestants || other.lineup.repeat != *repeat)
            });
        self.played.push(wanted.clone());
        self.under_way.push(wanted.id);
        good
    }

    fn ranking(&mut self, ranking: &Ranking) -> Option<()> {
        let Ranking { places, no_target, answer, notes } = ranking;
        let ids: Vec<u32> = places.iter().map(|place| place.id).collect();
        let good = distinct(&ids, &self.entered)
            && self.entered.iter().all(|id| ids.contains(id))
            && places.iter().all(|place| place.score.is_finite())
            && places.is_sorted_by(|better, worse| better.score >= worse.score)
            && unit(*no_target)
            && answer.as_ref().is_none_or(|answer| !answer.is_empty() && distinct(answer, &self.entered))
            && self.common.extras(notes);
        good.then_some(())
    }

    fn told(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Played(outcome) => {
                let before = self.under_way.len();
                self.under_way.retain(|id| *id != outcome.id);
                return self.under_way.len() < before;
            }
            Fact::Entered(candidate) => self.entered.push(candidate.id),
            Fact::Closed(_) => self.closed = true,
            Fact::Gone(_) | Fact::Scored(_) | Fact::Noted(_) => {}
        }
        true
    }
}

impl Generator<'_> {
    fn tourney_step(&mut self) -> Step {
        Step {
            play: self.list(3, |generator| Match { id: generator.id(), lineup: generator.lineup() }),
            cancel: if self.once_in(4) { self.list(2, Self::id) } else { Vec::new() },
            prefetch: if self.once_in(4) { self.list(3, Self::lineup) } else { Vec::new() },
            done: self.once_in(8),
        }
    }

    fn lineup(&mut self) -> Lineup {
        let (first, other) = (self.below(6), self.below(6));
        let mut contestants = vec![first, if first == other { first + 1 } else { other }];
        if self.once_in(4) {
            contestants = self.list(4, Self::id);
        }
        Lineup { contestants, repeat: self.below(3) }
    }

    /// Draws a ranking, mostly a correct one: the entered candidates in some order, with falling scores.
    fn ranking(&mut self, entered: &[u32]) -> Ranking {
        let mut ids = entered.to_vec();
        if ids.len() > 1 {
            let turn = self.below(6) as usize % ids.len();
            ids.rotate_left(turn);
        }
        if self.once_in(12) {
            ids.push(self.id());
        }
        if self.once_in(12) {
            ids.pop();
        }
        let mut score = 3.0;
        let places = ids.into_iter().map(|id| {
            score = if self.once_in(12) { self.number() } else { score - f64::from(self.below(2)) };
            Place { id, score }
        });
        Ranking {
            places: places.collect(),
            no_target: self.maybe(Self::share),
            answer: if self.once_in(3) { Some(self.list(2, Self::id)) } else { None },
            notes: self.extras(),
        }
    }

    /// Draws the candidates with `closed` the first time, and outcomes of some matches, sometimes of one that is not
    /// under way.
    fn tourney_facts(&mut self, count: u32, reference: &Reference) -> Vec<Fact> {
        let mut facts = Vec::new();
        if !reference.closed {
            let mut standings = Vec::new();
            for id in 0..count {
                if self.once_in(3) {
                    facts.push(Fact::Gone(self.gone(id)));
                } else {
                    facts.push(Fact::Entered(self.candidate(id)));
                    standings.push(self.standing(id));
                }
            }
            facts.push(Fact::Closed(standings));
        }
        let mut over = reference.under_way.clone();
        if self.once_in(4) {
            over.push(self.id());
        }
        for id in over {
            if !self.once_in(3) {
                let ending = match self.below(3) {
                    0 => Ending::Abstained(self.text()),
                    1 => Ending::Failed(self.text()),
                    _ => Ending::Verdict(Generator::new(&[]).verdict(2)),
                };
                facts.push(Fact::Played(Outcome { id, calls: self.below(9), ending }));
            }
        }
        facts
    }
}
