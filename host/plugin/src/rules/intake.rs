//! Counts what a session returns against the limits.

use std::mem::size_of_val;
use std::sync::Arc;

use super::{Checked, Violation};
use crate::limits::Limits;

/// Counts the entries, wanted answers, regions and bytes of one session, and fails once a limit is exceeded.
#[derive(Clone, Debug)]
pub struct Intake {
    limits: Arc<Limits>,
    room: u32,
    entries: usize,
    answers: usize,
    regions: usize,
    bytes: usize,
}

impl Intake {
    /// Counters for a session with this `brief.room`: the most entries in one step.
    pub fn new(room: u32, limits: Arc<Limits>) -> Self {
        Self { limits, room, entries: 0, answers: 0, regions: 0, bytes: 0 }
    }

    /// Counts a step with this many entries.
    pub(super) fn step(&mut self, entries: usize) -> Checked {
        if entries > self.room as usize {
            return Err(Violation::Room { entries, room: self.room });
        }
        self.entries = self.entries.saturating_add(entries);
        let most = self.limits.entries_per_session;
        if self.entries > most { Err(Violation::Endless(most)) } else { Ok(()) }
    }

    /// Counts a request for this many answers.
    pub(super) fn samples(&mut self, id: u32, samples: u32) -> Checked {
        let limit = self.limits.samples_per_request;
        if samples == 0 || samples > limit {
            return Err(Violation::Samples { id, samples, limit });
        }
        self.answers = self.answers.saturating_add(samples as usize);
        let most = self.limits.answers_per_session;
        if self.answers > most { Err(Violation::Questions(most)) } else { Ok(()) }
    }

    /// Counts the regions of a hypothesis.
    pub(super) fn regions(&mut self, id: u32, regions: usize) -> Checked {
        let limit = self.limits.regions_per_hypothesis;
        if regions > limit {
            return Err(Violation::Regions { id, regions, limit });
        }
        self.regions = self.regions.saturating_add(regions);
        let most = self.limits.regions_per_session;
        if self.regions > most { Err(Violation::RegionsInAll(most)) } else { Ok(()) }
    }

    /// Checks the number of points of a prompt.
    pub(super) fn points(&mut self, id: u32, points: usize) -> Checked {
        let limit = self.limits.points_per_prompt;
        if points > limit { Err(Violation::Points { id, points, limit }) } else { Ok(()) }
    }

    /// Counts the bytes of a text. `what` names it in the error.
    pub(super) fn text(&mut self, what: &'static str, text: &str) -> Checked {
        self.text_of(what, text, self.limits.string_bytes)
    }

    /// Counts the bytes of a text that may be as long as a hypothesis' reasoning.
    pub(super) fn reasoning(&mut self, what: &'static str, text: &str) -> Checked {
        self.text_of(what, text, self.limits.reasoning_bytes)
    }

    fn text_of(&mut self, what: &'static str, text: &str, limit: usize) -> Checked {
        if text.len() > limit {
            return Err(Violation::Long { what, bytes: text.len(), limit });
        }
        self.hold(text.len())
    }

    /// Counts the bytes of a list of named texts.
    pub(super) fn extras(&mut self, what: &'static str, extras: &[(String, String)]) -> Checked {
        self.list(extras)?;
        extras.iter().try_for_each(|(name, value)| self.text(what, name).and_then(|()| self.text(what, value)))
    }

    /// Counts the bytes of a list's elements, without what they point to.
    pub(super) fn list<T>(&mut self, list: &[T]) -> Checked {
        self.hold(size_of_val(list))
    }

    fn hold(&mut self, bytes: usize) -> Checked {
        self.bytes = self.bytes.saturating_add(bytes);
        let most = self.limits.bytes_per_session;
        if self.bytes > most { Err(Violation::Bytes(most)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intake(limits: Limits) -> Intake {
        Intake::new(10, Arc::new(limits))
    }

    #[test]
    fn entries_are_counted_by_step_and_by_session() {
        let mut intake = intake(Limits { entries_per_session: 15, ..Limits::default() });
        assert_eq!(intake.step(10), Ok(()));
        assert_eq!(intake.step(11), Err(Violation::Room { entries: 11, room: 10 }));
        assert_eq!(intake.step(6), Err(Violation::Endless(15)));
    }

    #[test]
    fn answers_are_counted_by_request_and_by_session() {
        let mut intake = intake(Limits { samples_per_request: 8, answers_per_session: 10, ..Limits::default() });
        assert_eq!(intake.samples(7, 0), Err(Violation::Samples { id: 7, samples: 0, limit: 8 }));
        assert_eq!(intake.samples(7, 9), Err(Violation::Samples { id: 7, samples: 9, limit: 8 }));
        assert_eq!(intake.samples(7, 8), Ok(()));
        assert_eq!(intake.samples(8, 3), Err(Violation::Questions(10)));
    }

    #[test]
    fn bytes_are_counted_by_text_and_by_session() {
        let mut intake = intake(Limits { string_bytes: 4, bytes_per_session: 10, ..Limits::default() });
        assert_eq!(intake.text("a", "abcde"), Err(Violation::Long { what: "a", bytes: 5, limit: 4 }));
        assert_eq!(intake.text("a", "abcd"), Ok(()));
        assert_eq!(intake.list(&[0_u32]), Ok(()));
        assert_eq!(intake.text("a", "abc"), Err(Violation::Bytes(10)));
    }
}
