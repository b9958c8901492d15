//! Questions to the executor.

use std::sync::Arc;

use rescue_core::Prompt;
use rescue_service::{
    Operation, PhotoId, Repeat, SegmentQuestion, Segmented, ServiceError, read_segmented, write_segmented,
};

use super::{Asker, Batch, Service};
use crate::error::RunError;
use crate::exchange::{Call, ExchangeError, Fresh};
use crate::progress::Progress;

impl Asker<'_> {
    /// The masks for these prompts, in the order given. What has no answer in this run is lost, and says so.
    pub(crate) fn segment(
        &mut self,
        prompts: &[Prompt],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Segmented>, RunError> {
        let services = self.exchange.services();
        let photo = PhotoId::from(&*self.photo);
        let mut batches = Vec::new();
        let size = services.executor.policy.batch.max(1);
        for (number, some) in prompts.chunks(size).enumerate() {
            let asked = |prompt: &Prompt| {
                let question = SegmentQuestion { photo, prompt, terms: &services.executor_terms };
                Self::asked(Operation::Segment, &services.executor.model, &question, Repeat::default())
            };
            let questions = some.iter().map(asked).collect::<Result<_, _>>()?;
            let (photo, prompts) = (self.photo.clone(), Arc::new(some.to_vec()));
            let replicas = services.executor.replicas.clone();
            let call = Call {
                desk: self.exchange.executor.clone(),
                affinity: self.affinity(),
                questions,
                weighs: false,
                send: Arc::new(move |replica, places| {
                    let (photo, executor) = (photo.clone(), replicas.get(replica).cloned());
                    let wanted: Vec<Prompt> = places.iter().filter_map(|place| prompts.get(*place).cloned()).collect();
                    Box::pin(async move {
                        let executor = executor.ok_or_else(|| ServiceError::failed("executor", "there is none", ""))?;
                        let (cuts, source) = executor.segment(&photo, &wanted).await?;
                        let write = |cut: &Segmented| {
                            let answer = write_segmented(cut);
                            let answer =
                                answer.map_err(|error| ServiceError::failed("executor", error.to_string(), ""))?;
                            Ok(Fresh { answer, source: source.clone() })
                        };
                        cuts.iter().map(write).collect()
                    })
                }),
            };
            let start = number * size;
            batches.push(Batch { call, places: (start..start + some.len()).collect() });
        }
        let kinds = vec![Service::Segment; prompts.len()];
        let mut progress = |told: Progress| {
            if let Progress::Answered(more) = told {
                progress(Progress::Segmented(more));
            }
        };
        let known = self.settle(batches, prompts.len(), &kinds, &mut progress)?;
        let read = |known: Result<Arc<crate::exchange::Known>, crate::exchange::Absence>| match known {
            Ok(known) => read_segmented(&known.answer).map_err(|error| {
                let cause = format!("the ledger's answer is none of an executor: {error}");
                ExchangeError::from(ServiceError::failed("executor", cause, "Use another ledger.")).into()
            }),
            Err(absence) => Ok(Err(format!("{}: {}", absence.service, absence.why))),
        };
        known.into_iter().map(read).collect()
    }
}
