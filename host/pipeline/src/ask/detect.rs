//! Questions to the detector.

use std::sync::Arc;

use rescue_core::Detection;
use rescue_plugin::border::rescue::plugin::chat::{Failure, Found, Reply, Request};
use rescue_plugin::border::rescue::plugin::types::Rect;
use rescue_service::{DetectQuestion, Detected, Operation, PhotoId, Repeat, ServiceError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Asker, Batch, Posed, Reader, Service, Slot, unavailable, unsupported};
use crate::error::RunError;
use crate::exchange::{Call, Fresh};

/// How the ledger holds what a detector answered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Found(Vec<Detection>),
    Unknown { why: String },
}

impl Asker<'_> {
    pub(super) fn pose_detect(
        &self,
        posed: &mut Posed,
        group: usize,
        request: &Request,
        phrase: &str,
    ) -> Result<(), RunError> {
        let services = self.exchange.services();
        let question = DetectQuestion { photo: PhotoId::from(&*self.photo), phrase, terms: &services.detector_terms };
        let asked = Self::asked(Operation::Detect, &services.detector.model, &question, Repeat::default())?;
        let place = posed.questions.len();
        posed.questions.push(Reader::Detect);
        posed.services.push(Service::Detect);
        // A detector gives the same answer each time: there is one draw of it.
        for draw in 0..request.samples {
            let repeat = request.repeat.saturating_add(draw);
            posed.slots.push(Slot { group, id: request.id, repeat, question: Ok(place) });
        }
        let (photo, phrase, replicas) = (self.photo.clone(), phrase.to_owned(), services.detector.replicas.clone());
        let call = Call {
            desk: self.exchange.detector.clone(),
            affinity: self.affinity(),
            questions: vec![asked],
            weighs: false,
            send: Arc::new(move |replica, _| {
                let (photo, phrase, detector) = (photo.clone(), phrase.clone(), replicas.get(replica).cloned());
                Box::pin(async move {
                    let detector = detector.ok_or_else(|| ServiceError::failed("detector", "there is none", ""))?;
                    let (detected, source) = detector.detect(&photo, &phrase).await?;
                    Ok(vec![Fresh { answer: write(detected)?, source }])
                })
            }),
        };
        posed.batches.push(Batch { call, places: vec![place] });
        Ok(())
    }
}

fn write(detected: Detected) -> Result<Value, ServiceError> {
    let written = match detected {
        Ok(found) => Written::Found(found),
        Err(why) => Written::Unknown { why },
    };
    serde_json::to_value(written).map_err(|error| ServiceError::failed("detector", error.to_string(), ""))
}

pub(super) fn read(answer: &Value) -> Result<Reply, Failure> {
    match Written::deserialize(answer) {
        Ok(Written::Found(found)) => Ok(reply(&found)),
        Ok(Written::Unknown { why }) => Err(unsupported(&why)),
        Err(error) => Err(unavailable(&format!("the ledger's answer is none of a detector: {error}"))),
    }
}

fn reply(found: &[Detection]) -> Reply {
    let boxes = found.iter().map(|found| Found {
        rect: Rect {
            x_min: found.rect.x_min,
            y_min: found.rect.y_min,
            x_max: found.rect.x_max,
            y_max: found.rect.y_max,
        },
        label: found.label.clone(),
        score: Some(found.score),
    });
    Reply {
        text: String::new(),
        reasoning: String::new(),
        complete: true,
        choice: None,
        weights: Vec::new(),
        boxes: boxes.collect(),
        notes: Vec::new(),
    }
}
