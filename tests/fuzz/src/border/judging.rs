//! A verifier's session, that is, one judging.

use rescue_plugin::border::exports::rescue::plugin::verifier::{Contest, Fact, Judgement, Step};
use rescue_plugin::border::rescue::plugin::types::Verdict;
use rescue_plugin::rules::{JudgingRules, Next};

use super::Generator;
use super::common::CommonReference;
use super::compare::{STEPS, agree, limits, next};
use super::requests::can_be_asked;

pub(super) fn session(generator: &mut Generator) {
    let (brief, tight) = (generator.brief(), generator.once_in(3));
    let (first, several) = (generator.below(3), 1 + generator.below(4));
    let contestants = (first..first + several).map(|id| generator.candidate(id)).collect();
    let contest = Contest { contestants, repeat: generator.id() };
    let known: Vec<u32> = contest.contestants.iter().map(|candidate| candidate.id).collect();
    let limits = limits(tight);
    let mut rules = JudgingRules::new(&brief, &contest, limits.clone());
    let mut common = CommonReference::new(&brief, limits);
    for _ in 0..STEPS {
        if generator.is_spent() {
            return;
        }
        let step = generator.judging_step(several);
        let said = rules.step(&step);
        agree(&said, reference(&mut common, &known, &step), tight);
        let Ok(said) = said else { return };
        assert_eq!(rules.over(), said == Next::Over);
        for id in (0..8).chain([u32::MAX]) {
            assert_eq!(rules.wants(id), said != Next::Over && common.wants(id));
        }
        can_be_asked(&step.ask, brief.image);
        match said {
            Next::Over => return,
            Next::More => {}
            Next::Wait => {
                let mut facts: Vec<Fact> = generator.answers(&common).into_iter().map(Fact::Answered).collect();
                facts.push(Fact::Noted((generator.text(), generator.text())));
                let wanted = facts.iter().filter(|fact| match fact {
                    Fact::Answered(answer) => common.told(answer),
                    Fact::Noted(_) => true,
                });
                let wanted: Vec<Fact> = wanted.cloned().collect();
                rules.told(&mut facts);
                assert_eq!(facts, wanted);
            }
        }
    }
}

/// The reference's result for a step.
fn reference(common: &mut CommonReference, known: &[u32], step: &Step) -> Option<Next> {
    let entries = step.ask.len() + step.cancel.len();
    let good = common.entries(entries)
        && common.requests(&step.ask, &step.cancel, known)
        && match &step.judgement {
            Some(Judgement::Verdict(judged)) => verdict(common, judged, known.len()),
            Some(Judgement::Abstained(why)) => common.text(why),
            None => true,
        };
    let owed = !common.under_way().is_empty();
    if good { next(step.judgement.is_some(), entries == 0, owed) } else { None }
}

fn verdict(common: &mut CommonReference, verdict: &Verdict, contestants: usize) -> bool {
    let Verdict { shares, order, why, notes } = verdict;
    let mut sum = 0.0;
    for share in shares {
        sum += share;
    }
    let permuted = order.len() == contestants && (0..contestants).all(|place| order.contains(&(place as u32)));
    common.text(why)
        && common.extras(notes)
        && shares.len() == contestants
        && shares.iter().all(|share| share.is_finite() && *share >= 0.0)
        && sum <= 1.0 + 1e-6
        && (order.is_empty() || permuted)
}

impl Generator<'_> {
    fn judging_step(&mut self, contestants: u32) -> Step {
        Step {
            ask: self.list(2, Self::request),
            cancel: if self.once_in(4) { self.list(2, Self::id) } else { Vec::new() },
            judgement: match self.below(8) {
                0 => Some(Judgement::Abstained(self.text())),
                1..3 => Some(Judgement::Verdict(self.verdict(contestants))),
                _ => None,
            },
        }
    }

    /// Draws a verdict, mostly with a share for each contestant.
    pub(super) fn verdict(&mut self, contestants: u32) -> Verdict {
        let meant = if self.once_in(12) { self.below(6) } else { contestants };
        let mut order: Vec<u32> = if self.once_in(3) { (0..meant).collect() } else { Vec::new() };
        if order.len() > 1 && self.once_in(2) {
            let (a, b) = (self.below(meant) as usize, self.below(meant) as usize);
            order.swap(a, b);
        }
        if self.once_in(12) {
            order.push(self.id());
        }
        Verdict { shares: (0..meant).map(|_| self.share()).collect(), order, why: self.text(), notes: self.extras() }
    }
}
