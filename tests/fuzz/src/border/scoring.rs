//! A scorer's session.

use rescue_plugin::border::exports::rescue::plugin::scorer::{Fact, Step};
use rescue_plugin::border::rescue::plugin::types::Score;
use rescue_plugin::rules::{Next, ScoringRules};

use super::Maker;
use super::agree::{STEPS, agree, distinct, limits, next};
use super::naive::Naive;
use super::requests::can_be_asked;

/// What the rules should say.
struct Plain {
    naive: Naive,
    entered: Vec<u32>,
    closed: bool,
}

pub(super) fn session(maker: &mut Maker) {
    let (brief, tight) = (maker.brief(), maker.once_in(3));
    let limits = limits(tight);
    let mut rules = ScoringRules::new(&brief, limits.clone());
    let mut plain = Plain { naive: Naive::new(&brief, limits), entered: Vec::new(), closed: false };
    for _ in 0..STEPS {
        if maker.is_spent() {
            return;
        }
        let (step, owed) = (maker.scoring_step(), !plain.closed);
        let said = rules.step(&step, owed);
        agree(&said, plain.step(&step, owed), tight);
        let Ok(said) = said else { return };
        assert_eq!(rules.over(), said == Next::Over);
        for id in (0..8).chain([u32::MAX]) {
            assert_eq!(rules.wants(id), said != Next::Over && plain.naive.wants(id));
        }
        can_be_asked(&step.ask, brief.image);
        match said {
            Next::Over => return,
            Next::More => {}
            Next::Wait => {
                let mut facts = maker.scoring_facts(brief.count, &plain);
                let wanted: Vec<Fact> = facts.iter().filter(|fact| plain.told(fact)).cloned().collect();
                rules.told(&mut facts);
                assert_eq!(facts, wanted);
            }
        }
    }
}

impl Plain {
    fn step(&mut self, step: &Step, owed: bool) -> Option<Next> {
        let entries = step.ask.len() + step.cancel.len();
        let good = self.naive.entries(entries)
            && self.naive.requests(&step.ask, &step.cancel, &self.entered)
            && step.scores.as_ref().is_none_or(|scores| self.scores(scores));
        let owed = owed || !self.naive.under_way().is_empty();
        if good { next(step.scores.is_some(), entries == 0, owed) } else { None }
    }

    fn scores(&self, scores: &[Score]) -> bool {
        let ids: Vec<u32> = scores.iter().map(|score| score.id).collect();
        self.closed && distinct(&ids, &self.entered) && scores.iter().all(|score| score.value.is_finite())
    }

    fn told(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Answered(answer) => return self.naive.told(answer),
            Fact::Entered(candidate) => self.entered.push(candidate.id),
            Fact::Closed(_) => self.closed = true,
            Fact::Gone(_) | Fact::Noted(_) => {}
        }
        true
    }
}

impl Maker<'_> {
    fn scoring_step(&mut self) -> Step {
        Step {
            ask: self.list(2, Self::request),
            cancel: if self.once_in(4) { self.list(2, Self::id) } else { Vec::new() },
            scores: if self.once_in(4) {
                Some(self.list(6, |maker| Score { id: maker.id(), value: maker.share() }))
            } else {
                None
            },
        }
    }

    /// Answers, and once the candidates with `closed`.
    fn scoring_facts(&mut self, count: u32, plain: &Plain) -> Vec<Fact> {
        let mut facts = Vec::new();
        if !plain.closed {
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
        facts.extend(self.answers(&plain.naive).into_iter().map(Fact::Answered));
        facts
    }
}
