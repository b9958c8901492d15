//! Questions to the image-text model: how well each cut-out fits the query.

use std::sync::Arc;

use rescue_mask::Mask;
use rescue_picture::{Recipe, Shape, View};
use rescue_service::{ClipQuestion, Operation, Repeat, ServiceError};
use serde_json::Value;

use super::pose::{Posed, Poser};
use super::{Asker, QuestionKind, QuestionOutcome, question_key};
use crate::error::RunError;
use crate::exchange::{Call, ExchangeError, Request};
use crate::pictures::RecipeError;
use crate::progress::Progress;
use crate::services::Service;

/// How much of the photo is shown around a mask, in pixels: the original system's value.
const MARGIN: u32 = 10;

impl Poser<'_> {
    fn pose_similarity<T>(&self, clip: &Service<T>, masks: &[Arc<Mask>], text: &str) -> Result<Posed, RunError> {
        let views: Vec<View> = masks.iter().map(|mask| View::cutout(Shape::new(mask.clone()), MARGIN, 0)).collect();
        let mut posed = Posed::default();
        for views in views.chunks(clip.policy.batch.max(1)) {
            let question = |view: &View| {
                let picture: Recipe = self.pictures.recipe(std::slice::from_ref(view)).map_err(no_recipe)?;
                let question = ClipQuestion { picture: &picture, text };
                question_key(Operation::Clip, &clip.model, &question, Repeat::default())
            };
            let call = Call {
                service: clip.name,
                affinity: self.affinity(),
                order: self.order,
                questions: views.iter().map(question).collect::<Result<_, _>>()?,
                request: Request::Clip {
                    pictures: self.pictures.clone(),
                    views: views.to_vec(),
                    text: text.to_owned(),
                },
            };
            posed.add_batch(QuestionKind::Clip, call);
        }
        Ok(posed)
    }
}

fn no_recipe(error: RecipeError) -> ExchangeError {
    ServiceError::of_sample("clip", error.to_string(), "Use another photo.").into()
}

impl Asker<'_> {
    /// How well each of these masks fits the text, 0 to 100. `None` if there is no such service, or no answer in this run.
    pub(crate) fn similarities(
        &mut self,
        masks: &[Arc<Mask>],
        text: &str,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Option<f64>>, RunError> {
        let Some(clip) = &self.poser.services.clip else { return Ok(vec![None; masks.len()]) };
        let posed = self.poser.pose_similarity(clip, masks, text)?;
        progress(Progress::Asking(masks.len()));
        let outcomes = self.settle(posed.batches, &posed.kinds, progress)?;
        let score = |outcome: QuestionOutcome| {
            let score = outcome.ok()?.answer.get("score").and_then(Value::as_f64)?;
            Some(self.answers.clamp(score, 100.0))
        };
        Ok(outcomes.into_iter().map(score).collect())
    }
}
