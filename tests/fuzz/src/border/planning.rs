//! A planner's session.

use rescue_core::Size as Pixels;
use rescue_mask::{Mask, Rle as Runs};
use rescue_plugin::border::exports::rescue::plugin::planner::{Blank, Fact, Proposal, Step};
use rescue_plugin::border::rescue::plugin::types::{Hypothesis, Point, Prompt, Region, Rle, Size};
use rescue_plugin::rules::{Next, PlanningRules};

use super::Maker;
use super::agree::{STEPS, agree, clips, limits, next};
use super::naive::{Naive, finite, unit};
use super::requests::can_be_asked;

/// What the rules should say.
struct Plain {
    naive: Naive,
    image: Size,
    count: u32,
    proposed: Vec<u32>,
    entered: Vec<u32>,
    fates: usize,
    regions: usize,
}

pub(super) fn session(maker: &mut Maker) {
    let (brief, tight, feedback) = (maker.brief(), maker.once_in(3), maker.once_in(2));
    let limits = limits(tight);
    let mut rules = PlanningRules::new(&brief, limits.clone());
    let mut plain = Plain {
        naive: Naive::new(&brief, limits),
        image: brief.image,
        count: brief.count,
        proposed: Vec::new(),
        entered: Vec::new(),
        fates: 0,
        regions: 0,
    };
    for _ in 0..STEPS {
        if maker.is_spent() {
            return;
        }
        let step = maker.planning_step(brief.image);
        let said = rules.step(&step, feedback);
        agree(&said, plain.step(&step, feedback), tight);
        let Ok(said) = said else { return };
        assert_eq!(rules.over(), said == Next::Over);
        for id in (0..8).chain([u32::MAX]) {
            assert_eq!(rules.wants(id), said != Next::Over && plain.naive.wants(id));
        }
        can_be_asked(&step.ask, brief.image);
        step.propose.iter().for_each(|proposal| can_be_made(proposal, brief.image));
        match said {
            Next::Over => return,
            Next::More => {}
            Next::Wait => {
                let mut facts: Vec<Fact> = maker.answers(&plain.naive).into_iter().map(Fact::Answered).collect();
                if feedback {
                    facts.extend(maker.fates(&plain));
                }
                let wanted: Vec<Fact> = facts.iter().filter(|fact| plain.told(fact)).cloned().collect();
                rules.told(&mut facts);
                assert_eq!(facts, wanted);
            }
        }
    }
}

impl Plain {
    fn step(&mut self, step: &Step, feedback: bool) -> Option<Next> {
        let entries = step.ask.len() + step.cancel.len() + step.propose.len();
        let good = self.naive.entries(entries)
            && self.naive.requests(&step.ask, &step.cancel, &self.entered)
            && step.propose.iter().all(|proposal| self.proposal(proposal));
        let owed = !self.naive.under_way().is_empty() || feedback && self.fates < self.proposed.len();
        if good { next(step.done, entries == 0, owed) } else { None }
    }

    fn proposal(&mut self, proposal: &Proposal) -> bool {
        let (id, good) = match proposal {
            Proposal::Hypothesis(hypothesis) => (hypothesis.id, self.hypothesis(hypothesis)),
            Proposal::NoTarget(blank) | Proposal::Skipped(blank) => (blank.id, self.naive.text(&blank.why)),
        };
        let new = !self.proposed.contains(&id);
        self.proposed.push(id);
        good && new && id < self.count
    }

    fn hypothesis(&mut self, hypothesis: &Hypothesis) -> bool {
        let Hypothesis { id: _, label, regions, without, confidence, reasoning, origin, notes } = hypothesis;
        let naive = &mut self.naive;
        let texts = naive.text(label) && naive.text(origin) && naive.reasoning(reasoning) && naive.extras(notes);
        let several = regions.len() + without.len();
        self.regions += several;
        texts
            && unit(*confidence)
            && !regions.is_empty()
            && several <= self.naive.limits.regions_per_hypothesis
            && self.regions <= self.naive.limits.regions_per_session
            && regions.iter().chain(without).all(|region| self.region(region))
    }

    fn region(&mut self, region: &Region) -> bool {
        match region {
            Region::Prompt(Prompt { concept, rect, points }) => {
                self.naive.text(concept)
                    && (rect.is_some() || !points.is_empty() || !concept.is_empty())
                    && points.len() <= self.naive.limits.points_per_prompt
                    && rect.as_ref().is_none_or(finite)
                    && points.iter().all(|point| point.x.is_finite() && point.y.is_finite())
            }
            Region::Mask(rle) => {
                let sum: u128 = rle.counts.iter().map(|count| u128::from(*count)).sum();
                let (width, height) = (self.image.width, self.image.height);
                (rle.size.width, rle.size.height) == (width, height) && sum == u128::from(width) * u128::from(height)
            }
            Region::Candidate(id) => self.entered.contains(id),
        }
    }

    fn told(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Answered(answer) => return self.naive.told(answer),
            Fact::Entered(candidate) => {
                self.entered.push(candidate.id);
                self.fates += 1;
            }
            Fact::Gone(_) => self.fates += 1,
            Fact::Noted(_) => {}
        }
        true
    }
}

impl Maker<'_> {
    fn planning_step(&mut self, image: Size) -> Step {
        Step {
            ask: self.list(2, Self::request),
            cancel: if self.once_in(4) { self.list(2, Self::id) } else { Vec::new() },
            propose: self.list(3, |maker| match maker.below(6) {
                0 => Proposal::NoTarget(Blank { id: maker.id(), why: maker.text() }),
                1 => Proposal::Skipped(Blank { id: maker.id(), why: maker.text() }),
                _ => Proposal::Hypothesis(maker.hypothesis(image)),
            }),
            done: self.once_in(8),
        }
    }

    fn hypothesis(&mut self, image: Size) -> Hypothesis {
        let first = if self.once_in(12) { None } else { Some(self.region(image)) };
        let more = self.list(2, |maker| maker.region(image));
        Hypothesis {
            id: self.id(),
            label: self.text(),
            regions: first.into_iter().chain(more).collect(),
            without: self.list(2, |maker| maker.region(image)),
            confidence: self.maybe(Self::share),
            reasoning: self.text(),
            origin: self.text(),
            notes: self.extras(),
        }
    }

    fn region(&mut self, image: Size) -> Region {
        match self.below(3) {
            0 => Region::Mask(self.rle(image)),
            1 => Region::Prompt(Prompt {
                concept: self.text(),
                rect: self.maybe(|maker| maker.rect(Self::number)),
                points: self.list(3, |maker| Point { x: maker.number(), y: maker.finite(), inside: maker.once_in(2) }),
            }),
            _ => Region::Candidate(self.id()),
        }
    }

    /// Runs of the image, mostly as many pixels as it has.
    fn rle(&mut self, image: Size) -> Rle {
        let size = if self.once_in(12) { self.size() } else { image };
        let mut counts = self.list(6, |maker| maker.below(12));
        let (sum, pixels) = (counts.iter().sum::<u32>(), image.width * image.height);
        if sum <= pixels && !self.once_in(12) {
            counts.push(pixels - sum);
        }
        if self.once_in(24) {
            counts.extend([u32::MAX, u32::MAX]);
        }
        Rle { size, counts }
    }

    /// What became of some of the proposals.
    fn fates(&mut self, plain: &Plain) -> Vec<Fact> {
        let mut facts = Vec::new();
        for &id in plain.proposed.iter().skip(plain.fates) {
            if self.once_in(4) {
                break;
            }
            facts.push(match self.once_in(3) {
                true => Fact::Gone(self.gone(id)),
                false => Fact::Entered(self.candidate(id)),
            });
        }
        facts
    }
}

/// What the pipeline makes of a proposal: masks of the image's size, boxes clipped to it.
fn can_be_made(proposal: &Proposal, image: Size) {
    let Proposal::Hypothesis(hypothesis) = proposal else { return };
    let size = Pixels::new(image.width, image.height);
    let mut mask = Mask::new(size);
    for region in hypothesis.regions.iter().chain(&hypothesis.without) {
        match region {
            Region::Mask(rle) => {
                let runs = Runs::new(Pixels::new(rle.size.width, rle.size.height), rle.counts.clone()).unwrap();
                let part = runs.to_mask();
                assert_eq!(part.area(), runs.area());
                mask.union_with(&part).unwrap();
                assert!(mask.area() >= part.area());
            }
            Region::Prompt(prompt) => prompt.rect.iter().for_each(|rect| clips(rect, image)),
            Region::Candidate(_) => {}
        }
    }
    assert_eq!(mask.bounds().is_none(), mask.is_empty());
}
