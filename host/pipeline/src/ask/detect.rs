//! Questions to the detector.

use rescue_plugin::border::rescue::plugin::chat::Request as PluginRequest;
use rescue_service::{DetectQuestion, Operation, PhotoId, Repeat};

use super::pose::{Batch, OwedAnswer, Posed, Poser};
use super::read::Reader;
use super::{QuestionKind, question_key};
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
            order: self.order,
            questions: vec![asked],
            request: Request::Detect { photo: self.photo.clone(), phrase: phrase.to_owned() },
        };
        posed.batches.push(Batch { call, places: vec![place] });
        Ok(())
    }
}
