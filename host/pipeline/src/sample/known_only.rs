//! Answers questions by what is known already, and asks nobody.

use std::collections::{BTreeMap, BTreeSet};

use rescue_ledger::Key;

use crate::ask::{AnswerSource, OpenCall, QuestionOutcome, Waited};
use crate::error::RunError;
use crate::progress::Progress;
use crate::services::ServiceName;

/// The part of a source that asks nobody.
pub(crate) struct KnownOnly<'a> {
    pub(crate) source: &'a mut dyn AnswerSource,
    outcomes: Vec<(Key, QuestionOutcome)>,
    error: Option<RunError>,
    /// Questions whose outcomes are not known.
    pub(crate) missing: usize,
    /// The questions so far, by service, each once.
    pub(crate) expected: BTreeMap<ServiceName, Expected>,
    counted: BTreeSet<Key>,
}

/// What is known of questions to one service.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// Those whose answers are known.
    pub known: usize,
    /// Those that would have to be asked.
    pub new: usize,
    /// The seconds of the requests of the known ones, added up; a request counts for each of its questions.
    pub seconds: f64,
}

impl Expected {
    /// Adds what is known of other questions.
    pub fn add(&mut self, other: Self) {
        self.known += other.known;
        self.new += other.new;
        self.seconds += other.seconds;
    }
}

impl<'a> KnownOnly<'a> {
    pub(crate) fn new(source: &'a mut dyn AnswerSource) -> Self {
        Self {
            source,
            outcomes: Vec::new(),
            error: None,
            missing: 0,
            expected: BTreeMap::new(),
            counted: BTreeSet::new(),
        }
    }
}

impl AnswerSource for KnownOnly<'_> {
    fn begin(&mut self, call: OpenCall) {
        match self.look_up(&call) {
            Ok(outcomes) => {
                self.missing += call.open.len() - outcomes.len();
                self.outcomes.extend(outcomes);
            }
            Err(error) => drop(self.error.get_or_insert(error)),
        }
    }

    fn look_up(&mut self, call: &OpenCall) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        let outcomes = self.source.look_up(call)?;
        let expected = self.expected.entry(call.call.service).or_default();
        for (_, key) in call.open.iter().filter(|(_, key)| self.counted.insert(*key)) {
            match outcomes.iter().find(|(known, _)| known == key) {
                Some((_, outcome)) => {
                    expected.known += 1;
                    expected.seconds += outcome.as_ref().map_or(0.0, |stored| stored.seconds);
                }
                None => expected.new += 1,
            }
        }
        Ok(outcomes)
    }

    fn wait(&mut self, _: &mut dyn FnMut(Progress)) -> Waited {
        Waited { outcomes: std::mem::take(&mut self.outcomes), error: self.error.take() }
    }

    fn withdraw(&mut self, _: &BTreeSet<Key>) {}

    fn withdraw_all(&mut self) {}
}
