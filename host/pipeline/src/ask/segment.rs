//! Questions to the executor.

use rescue_core::Prompt;
use rescue_ledger::Key;
use rescue_service::{Operation, PhotoId, Repeat, Segment, SegmentQuestion, Segmented, ServiceError, read_segmented};

use super::{Asker, QuestionKind, question_key};
use crate::error::RunError;
use crate::exchange::ExchangeError;

impl Asker<'_> {
    /// Asks for the mask of a prompt. Returns the question's key.
    pub(crate) fn segment(&mut self, prompt: &Prompt) -> Result<Key, RunError> {
        let photo = PhotoId::from(&*self.poser.photo);
        let question = SegmentQuestion { photo, prompt, terms: &self.poser.services.executor_terms };
        let model = &self.poser.services.executor.model;
        let asked = question_key(Operation::Segment, model, &question, Repeat::default())?;
        let key = asked.key;
        if self.answers.open_one(QuestionKind::Segment, key, false) {
            self.batches.prompts.add(asked, prompt.clone());
        }
        Ok(key)
    }

    /// What the executor made of a prompt, whose question has an outcome. The inner error says why there is no mask; a question without an
    /// answer in this run is such an error.
    pub(crate) fn segmented(&mut self, key: Key) -> Result<Segmented, RunError> {
        let stored = match self.answers.outcome(key) {
            Ok(stored) => stored,
            Err(absence) => return Ok(Err(format!("{}: {}", absence.service, absence.why))),
        };
        let mut segmented = read_segmented(&stored.answer).map_err(|error| {
            let cause = format!("the ledger's answer is none of an executor: {error}");
            ExchangeError::from(ServiceError::failed("executor", cause, "Use another ledger."))
        })?;
        if let Ok(Segment { predicted_iou: Some(iou), .. }) = &mut segmented {
            *iou = self.answers.clamp(key, *iou, 1.0);
        }
        Ok(segmented)
    }
}
