//! Answers questions by what is known already, and asks nobody.

use std::collections::BTreeSet;

use rescue_ledger::Key;

use crate::ask::{AnswerSource, OpenCall, QuestionOutcome, Waited};
use crate::error::RunError;
use crate::progress::Progress;

/// The part of a source that asks nobody.
pub(crate) struct KnownOnly<'a> {
    pub(crate) source: &'a mut dyn AnswerSource,
    outcomes: Vec<(Key, QuestionOutcome)>,
    error: Option<RunError>,
    /// Questions whose outcomes are not known.
    pub(crate) missing: usize,
}

impl<'a> KnownOnly<'a> {
    pub(crate) fn new(source: &'a mut dyn AnswerSource) -> Self {
        Self { source, outcomes: Vec::new(), error: None, missing: 0 }
    }
}

impl AnswerSource for KnownOnly<'_> {
    fn begin(&mut self, call: OpenCall) {
        match self.source.look_up(&call) {
            Ok(outcomes) => {
                self.missing += call.open.len() - outcomes.len();
                self.outcomes.extend(outcomes);
            }
            Err(error) => drop(self.error.get_or_insert(error)),
        }
    }

    fn look_up(&mut self, call: &OpenCall) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        self.source.look_up(call)
    }

    fn wait(&mut self, _: &mut dyn FnMut(Progress)) -> Waited {
        Waited { outcomes: std::mem::take(&mut self.outcomes), error: self.error.take() }
    }

    fn withdraw(&mut self, _: &BTreeSet<Key>) {}

    fn withdraw_all(&mut self) {}
}
