//! Questions to the detector.

use rescue_core::Detection;
use rescue_plugin::border::rescue::plugin::chat::{Failure, Found, Reply, Request as PluginRequest};
use rescue_service::{DetectQuestion, Operation, PhotoId, Repeat, read_detected};
use serde_json::Value;

use super::pose::{Batch, OwedAnswer, Posed, Poser, Reader};
use super::{QuestionKind, question_key, unavailable, unsupported};
use crate::error::RunError;
use crate::exchange::{Call, Request};

impl Poser<'_> {
    pub(super) fn pose_detect(
        &self,
        posed: &mut Posed,
        session: usize,
        request: &PluginRequest,
        phrase: &str,
    ) -> Result<(), RunError> {
        let detector = &self.services.detector;
        let question =
            DetectQuestion { photo: PhotoId::from(&*self.photo), phrase, terms: &self.services.detector_terms };
        let asked = question_key(Operation::Detect, &detector.model, &question, Repeat::default())?;
        let place = posed.add_question(QuestionKind::Detect, Reader::Detect);
        // A detector gives the same answer each time, so all draws share one question.
        for draw in 0..request.samples {
            let repeat = request.repeat.saturating_add(draw);
            posed.owed.push(OwedAnswer { session, id: request.id, repeat, question: Ok(place) });
        }
        let call = Call {
            service: detector.name,
            affinity: self.affinity(),
            questions: vec![asked],
            request: Request::Detect { photo: self.photo.clone(), phrase: phrase.to_owned() },
        };
        posed.batches.push(Batch { call, places: vec![place] });
        Ok(())
    }
}

/// What a plugin is told of a detector's answer.
pub(super) fn read(answer: &Value) -> Result<Reply, Failure> {
    match read_detected(answer) {
        Ok(Ok(found)) => Ok(reply(found)),
        Ok(Err(why)) => Err(unsupported(&why)),
        Err(error) => Err(unavailable(&format!("the ledger's answer is none of a detector: {error}"))),
    }
}

fn reply(found: Vec<Detection>) -> Reply {
    let boxes =
        found.into_iter().map(|found| Found { rect: found.rect.into(), label: found.label, score: Some(found.score) });
    Reply { complete: true, boxes: boxes.collect(), ..super::read::empty_reply() }
}
