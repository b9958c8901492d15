//! Questions to the detector.

use std::sync::Arc;

use rescue_plugin::border::rescue::plugin::chat::Request as PluginRequest;
use rescue_service::{DetectQuestion, Operation, PhotoId, Repeat};

use super::pose::{Posed, Poser};
use super::read::Reader;
use super::{QuestionKind, question_key};
use crate::error::RunError;
use crate::exchange::Request;

impl Poser<'_> {
    pub(super) fn pose_detect(&self, posed: &mut Posed, request: &PluginRequest, phrase: &str) -> Result<(), RunError> {
        let detector = &self.services.detector;
        let question =
            DetectQuestion { photo: PhotoId::from(&*self.photo), phrase, terms: &self.services.detector_terms };
        let asked = question_key(Operation::Detect, &detector.model, &question, Repeat::default())?;
        // A detector gives the same answer each time, so all draws share one question.
        posed.owe(request, &Ok((asked.key, Arc::new(Reader::Detect))));
        let sent = Request::Detect { photo: self.photo.clone(), phrase: phrase.to_owned() };
        posed.calls.push((QuestionKind::Detect, 0, self.call(detector.name, vec![asked], sent)));
        Ok(())
    }
}
