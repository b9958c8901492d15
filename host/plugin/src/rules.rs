//! What a plugin may answer. Every rule of the border that the host can check is checked here or in the session that knows the
//! facts, and broken ones have this one vocabulary.

use crate::border::rescue::plugin::chat::{Body, Request};
use crate::border::rescue::plugin::types::{Hypothesis, Prompt, Region, Rle, Verdict};
use crate::limits::Limits;

/// A rule of the border that a plugin broke.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Nothing under way, nothing owed, nothing planned, and not done.
    #[error("stalled: the step is empty, nothing is under way, no fact is owed, and it is not done")]
    Stalled,
    /// More entries in one step than `brief.room`.
    #[error("a step has {entries} entries; brief.room allows {room}")]
    Room {
        /// Entries in the step.
        entries: usize,
        /// What is allowed.
        room: u32,
    },
    /// More entries in a session than any session needs.
    #[error("the session's steps have more than {0} entries together: it plans without end")]
    Endless(usize),
    /// A string is too long.
    #[error("{what} has {bytes} bytes; at most {limit} are taken")]
    Long {
        /// Which string.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A number is not finite, or not in its range.
    #[error("{what} is {value}; it must be {range}")]
    Number {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// A request's id was used before.
    #[error("request id {0} is used twice")]
    RequestTwice(u32),
    /// A request wants too many or no answers.
    #[error("request {id} wants {samples} answers; 1 to {limit} can be had")]
    Samples {
        /// The request.
        id: u32,
        /// Answers wanted.
        samples: u32,
        /// The limit.
        limit: u32,
    },
    /// Something was cancelled that was never asked for.
    #[error("it cancels {0}, which it never asked for")]
    UnknownCancel(u32),
    /// A hypothesis' index is not below the count.
    #[error("hypothesis {id} is proposed; ids are below brief.count, {count}")]
    HypothesisRange {
        /// The index.
        id: u32,
        /// The count.
        count: u32,
    },
    /// A hypothesis' index was used before.
    #[error("hypothesis {0} is proposed twice")]
    HypothesisTwice(u32),
    /// A hypothesis without regions.
    #[error("hypothesis {0} has no region")]
    NoRegion(u32),
    /// A prompt that asks for nothing.
    #[error("hypothesis {0} has a prompt without concept, rect or points")]
    EmptyPrompt(u32),
    /// A mask that is not one.
    #[error("hypothesis {id} has a mask that is not the image's: {why}")]
    Mask {
        /// The hypothesis.
        id: u32,
        /// What is wrong with it.
        why: String,
    },
    /// A candidate that the session was not told of.
    #[error("{what} names candidate {id}, which the session was not told of")]
    UnknownCandidate {
        /// Where.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// A candidate that should be there once.
    #[error("{what} names candidate {id} twice")]
    CandidateTwice {
        /// Where.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// A candidate that should be there.
    #[error("{what} leaves out candidate {id}")]
    CandidateMissing {
        /// Where.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// Scores before all candidates are known.
    #[error("scores are given before `closed`")]
    ScoresEarly,
    /// A match's id was used before.
    #[error("match id {0} is used twice")]
    MatchTwice(u32),
    /// The same contestants in the same order with the same repeat.
    #[error("match {0} is the same as an earlier one: same contestants, same order, same repeat")]
    MatchRepeated(u32),
    /// Not as many contestants as the verifier takes.
    #[error("match {id} has {contestants} contestants; the verifier takes {smallest} to {largest}")]
    Contestants {
        /// The match.
        id: u32,
        /// How many.
        contestants: usize,
        /// Fewest.
        smallest: u32,
        /// Most.
        largest: u32,
    },
    /// Not one share a contestant.
    #[error("the verdict has {shares} shares for {contestants} contestants")]
    Shares {
        /// Shares.
        shares: usize,
        /// Contestants.
        contestants: usize,
    },
    /// Shares that sum to more than one.
    #[error("the verdict's shares sum to {0}, more than 1")]
    ShareSum(f64),
    /// An order that is not a permutation.
    #[error("the verdict's order is not a permutation of the contestants' positions")]
    Order,
    /// A ranking whose scores rise.
    #[error("the ranking's score rises at candidate {0}")]
    Rising(u32),
    /// An answer without masks.
    #[error("the ranking's answer is an empty list")]
    EmptyAnswer,
}

type Checked = Result<(), Violation>;

/// Counts entries against what a step and a session may have.
pub(crate) struct Entries {
    room: u32,
    most: usize,
    all: usize,
}

impl Entries {
    pub(crate) fn new(room: u32, limits: &Limits) -> Self {
        Self { room, most: limits.entries_per_session, all: 0 }
    }

    pub(crate) fn count(&mut self, entries: usize) -> Checked {
        if entries > self.room as usize {
            return Err(Violation::Room { entries, room: self.room });
        }
        self.all = self.all.saturating_add(entries);
        if self.all > self.most { Err(Violation::Endless(self.most)) } else { Ok(()) }
    }
}

pub(crate) fn text(what: &'static str, text: &str, limit: usize) -> Checked {
    if text.len() > limit { Err(Violation::Long { what, bytes: text.len(), limit }) } else { Ok(()) }
}

pub(crate) fn finite(what: &'static str, value: f64) -> Checked {
    if value.is_finite() { Ok(()) } else { Err(Violation::Number { what, value, range: "finite" }) }
}

pub(crate) fn unit(what: &'static str, value: Option<f64>) -> Checked {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => Err(Violation::Number { what, value, range: "from 0 to 1" }),
        _ => Ok(()),
    }
}

pub(crate) fn request(request: &Request, limits: &Limits) -> Checked {
    let (id, samples, limit) = (request.id, request.samples, limits.samples_per_request);
    if samples == 0 || samples > limit {
        return Err(Violation::Samples { id, samples, limit });
    }
    match &request.body {
        Body::Chat(question) => {
            let value = question.temperature;
            if !(0.0..=2.0).contains(&value) {
                return Err(Violation::Number { what: "a question's temperature", value, range: "from 0 to 2" });
            }
            Ok(())
        }
        Body::Detect(phrase) => text("a phrase to detect", phrase, limits.string_bytes),
        Body::Call((name, input)) => {
            text("the name of a call", name, limits.string_bytes)?;
            text("the input of a call", input, limits.string_bytes)
        }
    }
}

/// All rules for a hypothesis that hold without knowing which candidates the session was told of.
pub(crate) fn hypothesis(hypothesis: &Hypothesis, image: (u32, u32), limits: &Limits) -> Checked {
    let id = hypothesis.id;
    text("a hypothesis' label", &hypothesis.label, limits.string_bytes)?;
    text("a hypothesis' origin", &hypothesis.origin, limits.string_bytes)?;
    text("a hypothesis' reasoning", &hypothesis.reasoning, limits.reasoning_bytes)?;
    for (name, value) in &hypothesis.notes {
        text("a note's name", name, limits.string_bytes)?;
        text("a note", value, limits.string_bytes)?;
    }
    unit("a hypothesis' confidence", hypothesis.confidence)?;
    if hypothesis.regions.is_empty() {
        return Err(Violation::NoRegion(id));
    }
    for region in hypothesis.regions.iter().chain(&hypothesis.without) {
        match region {
            Region::Prompt(found) => prompt(id, found, limits)?,
            Region::Mask(mask) => rle(id, mask, image)?,
            Region::Candidate(_) => {}
        }
    }
    Ok(())
}

fn prompt(id: u32, prompt: &Prompt, limits: &Limits) -> Checked {
    text("a concept", &prompt.concept, limits.string_bytes)?;
    if prompt.concept.is_empty() && prompt.rect.is_none() && prompt.points.is_empty() {
        return Err(Violation::EmptyPrompt(id));
    }
    if let Some(rect) = &prompt.rect {
        for edge in [rect.x_min, rect.y_min, rect.x_max, rect.y_max] {
            finite("an edge of a rect", edge)?;
        }
    }
    prompt.points.iter().try_for_each(|point| finite("a point", point.x).and_then(|()| finite("a point", point.y)))
}

fn rle(id: u32, rle: &Rle, (width, height): (u32, u32)) -> Checked {
    let wrong = |why| Err(Violation::Mask { id, why });
    if (rle.size.width, rle.size.height) != (width, height) {
        return wrong(format!("it is {}×{}, the image {width}×{height}", rle.size.width, rle.size.height));
    }
    let sum: u64 = rle.counts.iter().map(|count| u64::from(*count)).sum();
    let pixels = u64::from(width) * u64::from(height);
    if sum == pixels { Ok(()) } else { wrong(format!("its runs sum to {sum}, the image has {pixels} pixels")) }
}

pub(crate) fn verdict(verdict: &Verdict, contestants: usize, limits: &Limits) -> Checked {
    text("a verdict's why", &verdict.why, limits.string_bytes)?;
    if verdict.shares.len() != contestants {
        return Err(Violation::Shares { shares: verdict.shares.len(), contestants });
    }
    for &value in &verdict.shares {
        if !value.is_finite() || value < 0.0 {
            return Err(Violation::Number { what: "a share", value, range: "finite and not negative" });
        }
    }
    let sum: f64 = verdict.shares.iter().sum();
    if sum > 1.0 + 1e-6 {
        return Err(Violation::ShareSum(sum));
    }
    let mut order = verdict.order.clone();
    order.sort_unstable();
    if !order.is_empty() && !order.iter().map(|place| *place as usize).eq(0..contestants) {
        return Err(Violation::Order);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(shares: &[f64], order: &[u32]) -> Verdict {
        Verdict { shares: shares.to_vec(), order: order.to_vec(), why: String::new(), notes: Vec::new() }
    }

    #[test]
    fn verdicts() {
        let limits = Limits::default();
        let check = |s: &[f64], o: &[u32]| verdict(&shares(s, o), 2, &limits);
        assert_eq!(check(&[0.5, 0.5], &[]), Ok(()));
        assert_eq!(check(&[0.0, 0.0], &[1, 0]), Ok(()));
        assert!(matches!(check(&[0.5], &[]), Err(Violation::Shares { .. })));
        assert!(matches!(check(&[f64::NAN, 0.0], &[]), Err(Violation::Number { .. })));
        assert!(matches!(check(&[-0.1, 0.0], &[]), Err(Violation::Number { .. })));
        assert!(matches!(check(&[0.7, 0.7], &[]), Err(Violation::ShareSum(_))));
        assert!(matches!(check(&[0.7, 0.1], &[0, 0]), Err(Violation::Order)));
        assert!(matches!(check(&[0.7, 0.1], &[0, 2]), Err(Violation::Order)));
    }

    #[test]
    fn entries_are_counted_by_step_and_by_session() {
        let mut entries = Entries::new(10, &Limits { entries_per_session: 15, ..Limits::default() });
        assert_eq!(entries.count(10), Ok(()));
        assert_eq!(entries.count(11), Err(Violation::Room { entries: 11, room: 10 }));
        assert_eq!(entries.count(6), Err(Violation::Endless(15)));
    }
}
