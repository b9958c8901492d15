//! Puts the questions of sessions to the services, and the answers into the border's form.
//!
//! Equal questions are asked once in a sample, whoever asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_core::{Detection, Photo, Prompt};
use rescue_plugin::border::rescue::plugin::chat::{Answer, Body, Failure, Found, Reply, Request, Trouble};
use rescue_plugin::border::rescue::plugin::types::Rect;
use rescue_service::{Detector, Executor, Segment, ServiceError};
use serde::Serialize;
use tokio::runtime::Runtime;

/// The services of a host.
#[derive(Clone)]
pub struct Services {
    /// Turns prompts into masks.
    pub executor: Arc<dyn Executor>,
    /// Finds what a phrase names.
    pub detector: Arc<dyn Detector>,
}

/// Different questions put to each service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Questions {
    /// Phrases for the detector.
    pub detect: u32,
    /// Prompts for the executor.
    pub segment: u32,
}

/// Prompts put to the executor at once: many enough for a batch, few enough to see it move.
const PROMPTS: usize = 8;

/// Asks for one sample.
pub(crate) struct Asker<'a> {
    services: &'a Services,
    runtime: &'a Runtime,
    photo: &'a Photo,
    detected: BTreeMap<String, Result<Vec<Detection>, Failure>>,
    questions: Questions,
}

/// A mask for a prompt, or why there is none.
pub(crate) type Cut = Result<Segment, String>;

impl<'a> Asker<'a> {
    pub(crate) fn new(services: &'a Services, runtime: &'a Runtime, photo: &'a Photo) -> Self {
        Self { services, runtime, photo, detected: BTreeMap::new(), questions: Questions::default() }
    }

    /// Different questions so far.
    pub(crate) fn questions(&self) -> &Questions {
        &self.questions
    }

    /// The answers to these requests, in the order asked, one for each repeat.
    pub(crate) fn answers(&mut self, requests: &[Request]) -> Result<Vec<Answer>, ServiceError> {
        let mut answers = Vec::new();
        for request in requests {
            for draw in 0..request.samples {
                let outcome = self.outcome(&request.body)?;
                answers.push(Answer { id: request.id, repeat: request.repeat.saturating_add(draw), outcome });
            }
        }
        Ok(answers)
    }

    /// What the plugin is told. A service that fails ends the run instead.
    fn outcome(&mut self, body: &Body) -> Result<Result<Reply, Failure>, ServiceError> {
        Ok(match body {
            Body::Detect(phrase) => self.detect(phrase)?.map(|found| reply(&found)),
            Body::Chat(_) => Err(unsupported("this host has no vision-language model")),
            Body::Call((name, _)) => {
                let name: String = name.chars().take(64).collect();
                Err(unsupported(&format!("this host has no capability {name:?}")))
            }
        })
    }

    fn detect(&mut self, phrase: &str) -> Result<Result<Vec<Detection>, Failure>, ServiceError> {
        if let Some(known) = self.detected.get(phrase) {
            return Ok(known.clone());
        }
        self.questions.detect += 1;
        let found = match self.runtime.block_on(self.services.detector.detect(self.photo, phrase)) {
            Ok(found) => Ok(found),
            Err(ServiceError::Unsupported { message }) => Err(unsupported(&message)),
            Err(failed) => return Err(failed),
        };
        self.detected.insert(phrase.to_owned(), found.clone());
        Ok(found)
    }

    /// The masks for these prompts, in the order given. `progress` is told how many more are there.
    pub(crate) fn segment(
        &mut self,
        prompts: &[Prompt],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Cut>, ServiceError> {
        self.questions.segment =
            self.questions.segment.saturating_add(u32::try_from(prompts.len()).unwrap_or(u32::MAX));
        let mut cuts = Vec::with_capacity(prompts.len());
        for some in prompts.chunks(PROMPTS) {
            cuts.extend(self.runtime.block_on(self.services.executor.segment(self.photo, some))?);
            progress(some.len());
        }
        Ok(cuts)
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

fn unsupported(message: &str) -> Failure {
    Failure { trouble: Trouble::Unsupported, message: message.into(), raw: String::new() }
}
