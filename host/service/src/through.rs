//! A detector made of an executor: what it finds by a phrase.

use std::sync::Arc;

use rescue_core::{Detection, Photo, Prompt};
use serde_json::Value;

use crate::entry::Source;
use crate::error::AskError;
use crate::sam_server::rect_of;
use crate::traits::{BoxFuture, Detected, Detector, Executor, ModelId};

/// Finds what an executor's concept prompt finds. The answer is one box around it all, as the executor's contract gives one mask for
/// a phrase.
pub struct ThroughExecutor {
    executor: Arc<dyn Executor>,
}

impl ThroughExecutor {
    /// Through this executor.
    pub fn new(executor: Arc<dyn Executor>) -> Self {
        Self { executor }
    }

    async fn ask(&self, photo: &Photo, phrase: &str) -> Result<(Detected, Source), AskError> {
        if phrase.trim().is_empty() {
            return Ok((Err("this detector wants a phrase".into()), Source::default()));
        }
        let prompt = Prompt { concept: phrase.to_owned(), rect: None, points: Vec::new() };
        let (answers, source) = self.executor.segment(photo, &[prompt]).await?;
        let found = answers.into_iter().flatten().filter_map(|segment| {
            let rect = rect_of(segment.mask.bounds()?);
            Some(Detection { rect, label: phrase.to_owned(), score: segment.predicted_iou.unwrap_or(1.0) })
        });
        Ok((Ok(found.collect()), source))
    }
}

impl Detector for ThroughExecutor {
    fn model(&self) -> &ModelId {
        self.executor.model()
    }

    fn terms(&self) -> &Value {
        self.executor.terms()
    }

    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<(Detected, Source), AskError>> {
        Box::pin(self.ask(photo, phrase))
    }
}
