//! Questions to the executor.

use rescue_core::Prompt;
use rescue_service::{Operation, PhotoId, Repeat, Segment, SegmentQuestion, Segmented, ServiceError, read_segmented};

use super::pose::{Posed, Poser};
use super::{Asker, QuestionKind, QuestionOutcome, question_key};
use crate::error::RunError;
use crate::exchange::{Call, ExchangeError, Request};
use crate::progress::Progress;

impl Poser<'_> {
    fn pose_segment(&self, prompts: &[Prompt]) -> Result<Posed, RunError> {
        let executor = &self.services.executor;
        let photo = PhotoId::from(&*self.photo);
        let mut posed = Posed::default();
        for prompts in prompts.chunks(executor.policy.batch.max(1)) {
            let question = |prompt: &Prompt| {
                let question = SegmentQuestion { photo, prompt, terms: &self.services.executor_terms };
                question_key(Operation::Segment, &executor.model, &question, Repeat::default())
            };
            let call = Call {
                service: executor.name,
                affinity: self.affinity(),
                order: self.order,
                questions: prompts.iter().map(question).collect::<Result<_, _>>()?,
                request: Request::Segment { photo: self.photo.clone(), prompts: prompts.to_vec() },
            };
            posed.add_batch(QuestionKind::Segment, call);
        }
        Ok(posed)
    }
}

impl Asker<'_> {
    /// The masks for these prompts, in the order given. The inner error says why a prompt has no mask; a question without an answer
    /// in this run is such an error.
    pub(crate) fn segment(
        &mut self,
        prompts: &[Prompt],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Segmented>, RunError> {
        let posed = self.poser.pose_segment(prompts)?;
        let mut progress = |told: Progress| {
            if let Progress::Answered(more) = told {
                progress(Progress::Segmented(more));
            }
        };
        let outcomes = self.settle(posed.batches, &posed.kinds, &mut progress)?;
        let mut read = |outcome: QuestionOutcome| match outcome {
            Ok(stored) => {
                let mut segmented = read_segmented(&stored.answer).map_err(|error| {
                    let cause = format!("the ledger's answer is none of an executor: {error}");
                    ExchangeError::from(ServiceError::failed("executor", cause, "Use another ledger."))
                })?;
                if let Ok(Segment { predicted_iou: Some(iou), .. }) = &mut segmented {
                    *iou = self.answers.clamp(*iou, 1.0);
                }
                Ok(segmented)
            }
            Err(absence) => Ok(Err(format!("{}: {}", absence.service, absence.why))),
        };
        outcomes.into_iter().map(&mut read).collect()
    }
}
