//! A planner's session.

use rescue_core::Size as Pixels;
use rescue_mask::{Mask, Rle as Runs};
use rescue_plugin::border::exports::rescue::plugin::planner::{Blank, Fact, Proposal, Step};
use rescue_plugin::border::rescue::plugin::types::{Hypothesis, Point, Prompt, Region, Rle, Size};
use rescue_plugin::rules::{Next, PlanningRules};

use super::Generator;
use super::common::{CommonReference, finite, unit};
use super::compare::{STEPS, agree, clips, limits, next};
use super::requests::can_be_asked;

/// The reference implementation of the rules for planners.
struct Reference {
    common: CommonReference,
    image: Size,
    count: u32,
    proposed: Vec<u32>,
    entered: Vec<u32>,
    settled: usize,
    regions: usize,
}

pub(super) fn session(generator: &mut Generator) {
    let (brief, tight, feedback) = (generator.brief(), generator.once_in(3), generator.once_in(2));
    let limits = limits(tight);
    let mut rules = PlanningRules::new(&brief, limits.clone());
    let mut reference = Reference {
        common: CommonReference::new(&brief, limits),
        image: brief.image,
        count: brief.count,
        proposed: Vec::new(),
        entered: Vec::new(),
        settled: 0,
        regions: 0,
    };
    for _ in 0..STEPS {
        if generator.is_spent() {
            return;
        }
        let step = generator.planning_step(brief.image);
        let said = rules.step(&step, feedback);
        agree(&said, reference.step(&step, feedback), tight);
        let Ok(said) = said else { return };
        assert_eq!(rules.over(), said == Next::Over);
        for id in (0..8).chain([u32::MAX]) {
            assert_eq!(rules.wants(id), said != Next::Over && reference.common.wants(id));
        }
        can_be_asked(&step.ask, brief.image);
        step.propose.iter().for_each(|proposal| can_be_made(proposal, brief.image));
        match said {
            Next::Over => return,
            Next::More => {}
            Next::Wait => {
                let mut facts: Vec<Fact> =
                    generator.answers(&reference.common).into_iter().map(Fact::Answered).collect();
                if feedback {
                    facts.extend(generator.settled_facts(&reference));
                }
                let wanted: Vec<Fact> = facts.iter().filter(|fact| reference.told(fact)).cloned().collect();
                rules.told(&mut facts);
                assert_eq!(facts, wanted);
            }
        }
    }
}

impl Reference {
    fn step(&mut self, step: &Step, feedback: bool) -> Option<Next> {
        let entries = step.ask.len() + step.cancel.len() + step.propose.len();
        let good = self.common.entries(entries)
            && self.common.requests(&step.ask, &step.cancel, &self.entered)
            && step.propose.iter().all(|proposal| self.proposal(proposal));
        let owed = !self.common.under_way().is_empty() || feedback && self.settled < self.proposed.len();
        if good { next(step.done, entries == 0, owed) } else { None }
    }

    fn proposal(&mut self, proposal: &Proposal) -> bool {
        let (id, good) = match proposal {
            Proposal::Hypothesis(hypothesis) => (hypothesis.id, self.hypothesis(hypothesis)),
            Proposal::NoTarget(blank) | Proposal::Skipped(blank) => (blank.id, self.common.text(&blank.why)),
        };
        let new = !self.proposed.contains(&id);
        self.proposed.push(id);
        good && new && id < self.count
    }

    fn hypothesis(&mut self, hypothesis: &Hypothesis) -> bool {
        let Hypothesis { id: _, label, regions, without, confidence, reasoning, origin, notes } = hypothesis;
        let common = &mut self.common;
        let texts = common.text(label) && common.text(origin) && common.reasoning(reasoning) && common.extras(notes);
        let several = regions.len() + without.len();
        self.regions += several;
        texts
            && unit(*confidence)
            && !regions.is_empty()
            && several <= self.common.limits.regions_per_hypothesis
            && self.regions <= self.common.limits.regions_per_session
            && regions.iter().chain(without).all(|region| self.region(region))
    }

    fn region(&mut self, region: &Region) -> bool {
        match region {
            Region::Prompt(Prompt { concept, rect, points }) => {
                self.common.text(concept)
                    && (rect.is_some() || !points.is_empty() || !concept.is_empty())
                    && points.len() <= self.common.limits.points_per_prompt
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
            Fact::Answered(answer) => return self.common.told(answer),
            Fact::Entered(candidate) => {
                self.entered.push(candidate.id);
                self.settled += 1;
            }
            Fact::Gone(_) => self.settled += 1,
            Fact::Noted(_) => {}
        }
        true
    }
}

impl Generator<'_> {
    fn planning_step(&mut self, image: Size) -> Step {
        Step {
            ask: self.list(2, Self::request),
            cancel: if self.once_in(4) { self.list(2, Self::id) } else { Vec::new() },
            propose: self.list(3, |generator| match generator.below(6) {
                0 => Proposal::NoTarget(Blank { id: generator.id(), why: generator.text() }),
                1 => Proposal::Skipped(Blank { id: generator.id(), why: generator.text() }),
                _ => Proposal::Hypothesis(generator.hypothesis(image)),
            }),
            done: self.once_in(8),
        }
    }

    fn hypothesis(&mut self, image: Size) -> Hypothesis {
        let first = if self.once_in(12) { None } else { Some(self.region(image)) };
        let more = self.list(2, |generator| generator.region(image));
        Hypothesis {
            id: self.id(),
            label: self.text(),
            regions: first.into_iter().chain(more).collect(),
            without: self.list(2, |generator| generator.region(image)),
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
                rect: self.maybe(|generator| generator.rect(Self::number)),
                points: self.list(3, |generator| Point {
                    x: generator.number(),
                    y: generator.finite(),
                    inside: generator.once_in(2),
                }),
            }),
            _ => Region::Candidate(self.id()),
        }
    }

    /// Draws run lengths, which mostly add up to the image's pixels.
    fn rle(&mut self, image: Size) -> Rle {
        let size = if self.once_in(12) { self.size() } else { image };
        let mut counts = self.list(6, |generator| generator.below(12));
        let (sum, pixels) = (counts.iter().sum::<u32>(), image.width * image.height);
        if sum <= pixels && !self.once_in(12) {
            counts.push(pixels - sum);
        }
        if self.once_in(24) {
            counts.extend([u32::MAX, u32::MAX]);
        }
        Rle { size, counts }
    }

    /// Draws what became of some of the proposals.
    fn settled_facts(&mut self, reference: &Reference) -> Vec<Fact> {
        let mut facts = Vec::new();
        for &id in reference.proposed.iter().skip(reference.settled) {
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

/// Checks that the pipeline can work with a proposal: its masks have the image's size, and its boxes can be clipped.
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
