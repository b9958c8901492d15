//! A scorer's session.

use rescue_plugin::border::exports::rescue::plugin::scorer::{Fact, Step};
use rescue_plugin::border::rescue::plugin::types::Score;
use rescue_plugin::rules::{Next, ScoringRules};

use super::Generator;
use super::common::CommonReference;
use super::compare::{STEPS, agree, distinct, limits, next};
use super::requests::can_be_asked;

/// The reference implementation of the rules for scorers.
struct Reference {
    common: CommonReference,
    entered: Vec<u32>,
    closed: bool,
}

pub(super) fn session(generator: &mut Generator) {
    let (brief, tight) = (generator.brief(), generator.once_in(3));
    let limits = limits(tight);
    let mut rules = ScoringRules::new(&brief, limits.clone());
    let mut reference = Reference { common: CommonReference::new(&brief, limits), entered: Vec::new(), closed: false };
    for _ in 0..STEPS {
        if generator.is_spent() {
            return;
        }
        let (step, owed) = (generator.scoring_step(), !reference.closed);
        let said = rules.step(&step, owed);
        agree(&said, reference.step(&step, owed), tight);
        let Ok(said) = said else { return };
        assert_eq!(rules.over(), said == Next::Over);
        for id in (0..8).chain([u32::MAX]) {
            assert_eq!(rules.wants(id), said != Next::Over && reference.common.wants(id));
        }
        can_be_asked(&step.ask, brief.image);
        match said {
            Next::Over => return,
            Next::More => {}
            Next::Wait => {
                let mut facts = generator.scoring_facts(brief.count, &reference);
                let wanted: Vec<Fact> = facts.iter().filter(|fact| reference.told(fact)).cloned().collect();
                rules.told(&mut facts);
                assert_eq!(facts, wanted);
            }
        }
    }
}

impl Reference {
    fn step(&mut self, step: &Step, owed: bool) -> Option<Next> {
        let entries = step.ask.len() + step.cancel.len();
        let good = self.common.entries(entries)
            && self.common.requests(&step.ask, &step.cancel, &self.entered)
            && step.scores.as_ref().is_none_or(|scores| self.scores(scores));
        let owed = owed || !self.common.under_way().is_empty();
        if good { next(step.scores.is_some(), entries == 0, owed) } else { None }
    }

    fn scores(&self, scores: &[Score]) -> bool {
        let ids: Vec<u32> = scores.iter().map(|score| score.id).collect();
        self.closed && distinct(&ids, &self.entered) && scores.iter().all(|score| score.value.is_finite())
    }

    fn told(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Answered(answer) => return self.common.told(answer),
            Fact::Entered(candidate) => self.entered.push(candidate.id),
            Fact::Closed(_) => self.closed = true,
            Fact::Gone(_) | Fact::Noted(_) => {}
        }
        true
    }
}

impl Generator<'_> {
    fn scoring_step(&mut self) -> Step {
        Step {
            ask: self.list(2, Self::request),
            cancel: if self.once_in(4) { self.list(2, Self::id) } else { Vec::new() },
            scores: if self.once_in(4) {
                Some(self.list(6, |generator| Score { id: generator.id(), value: generator.share() }))
            } else {
                None
            },
        }
    }

    /// Draws answers, and the first time the candidates with `closed`.
    fn scoring_facts(&mut self, count: u32, reference: &Reference) -> Vec<Fact> {
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
        facts.extend(self.answers(&reference.common).into_iter().map(Fact::Answered));
        facts
    }
}
