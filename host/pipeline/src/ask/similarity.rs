//! Questions to the image-text model: how well each cut-out fits the query.

use std::sync::Arc;

use rescue_ledger::Key;
use rescue_mask::CompactMask;
use rescue_picture::{Recipe, View};
use rescue_service::{ClipQuestion, Operation, Repeat, ServiceError};
use serde_json::Value;

use super::{Asker, QuestionKind, question_key};
use crate::error::RunError;
use crate::exchange::ExchangeError;
use crate::pictures::RecipeError;

/// How much of the photo is shown around a mask, in pixels: the original system's value.
const MARGIN: u32 = 10;

impl Asker<'_> {
    /// Asks how well a mask fits the query. Returns the question's key; `None` if there is no such service.
    pub(crate) fn similarity(&mut self, mask: &Arc<CompactMask>) -> Result<Option<Key>, RunError> {
        let Some(clip) = &self.poser.services.clip else { return Ok(None) };
        let view = View::cutout(self.poser.pictures.shape(mask), MARGIN, 0);
        let picture: Recipe = self.poser.pictures.recipe(std::slice::from_ref(&view)).map_err(no_recipe)?;
        let question = ClipQuestion { picture: &picture, text: self.batches.text() };
        let asked = question_key(Operation::Clip, &clip.model, &question, Repeat::default())?;
        let key = asked.key;
        if self.answers.open_one(QuestionKind::Clip, key, false) {
            self.batches.cutouts.add(asked, view);
        }
        Ok(Some(key))
    }

    /// How well a mask fits the query, 0 to 100. The inner `None` is no answer in this run; the outer one a question under way.
    pub(crate) fn similar(&mut self, key: Key) -> Option<Option<f64>> {
        if !self.answers.has_outcome(key) {
            return None;
        }
        let stored = self.answers.outcome(key).ok();
        let score = stored.and_then(|stored| stored.answer.get("score").and_then(Value::as_f64));
        Some(score.map(|score| self.answers.clamp(key, score, 100.0)))
    }
}

fn no_recipe(error: RecipeError) -> ExchangeError {
    ServiceError::of_sample("clip", error.to_string(), "Use another photo.").into()
}
