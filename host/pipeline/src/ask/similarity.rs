//! Questions to the image-text model: how well each cut-out fits the query.

use std::sync::Arc;

use rescue_mask::Mask;
use rescue_picture::{Recipe, Shape, View};
use rescue_service::{ClipQuestion, Operation, Repeat, ServiceError};
use serde_json::Value;

use super::{Asker, Batch, Service, apart};
use crate::error::RunError;
use crate::exchange::{Call, ExchangeError, Fresh};
use crate::progress::Progress;

/// How much of the photo is shown around a mask, in pixels, as the original system has it.
const MARGIN: u32 = 10;

impl Asker<'_> {
    /// How well each of these masks fits the text, 0 to 100; none where there is no such service, or no answer in this run.
    pub(crate) fn similarities(
        &mut self,
        masks: &[Arc<Mask>],
        text: &str,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Option<f64>>, RunError> {
        let services = self.exchange.services();
        let (Some(clip), Some(desk)) = (&services.clip, &self.exchange.clip) else {
            return Ok(vec![None; masks.len()]);
        };
        let views: Vec<View> = masks.iter().map(|mask| View::cutout(Shape::new(mask.clone()), MARGIN, 0)).collect();
        let drawn = |error: super::gallery::Undrawn| {
            ExchangeError::from(ServiceError::failed("clip", error.to_string(), "Use another photo."))
        };
        let mut recipes: Vec<Recipe> = Vec::with_capacity(views.len());
        for view in &views {
            recipes.push(self.gallery.recipe(std::slice::from_ref(view)).map_err(drawn)?);
        }
        let mut batches = Vec::new();
        let size = clip.policy.batch.max(1);
        for (number, some) in recipes.chunks(size).enumerate() {
            let asked = |picture: &Recipe| {
                let question = ClipQuestion { picture, text };
                Self::asked(Operation::Clip, &clip.model, &question, Repeat::default())
            };
            let questions = some.iter().map(asked).collect::<Result<_, _>>()?;
            let start = number * size;
            let shown: Arc<Vec<View>> = Arc::new(views.iter().skip(start).take(some.len()).cloned().collect());
            let (gallery, text, replicas) = (self.gallery.clone(), text.to_owned(), clip.replicas.clone());
            let call = Call {
                desk: desk.clone(),
                affinity: self.affinity(),
                questions,
                weighs: false,
                send: Arc::new(move |replica, places| {
                    let (gallery, text, client) = (gallery.clone(), text.clone(), replicas.get(replica).cloned());
                    let wanted: Vec<View> = places.iter().filter_map(|place| shown.get(*place).cloned()).collect();
                    Box::pin(async move {
                        let client = client.ok_or_else(|| ServiceError::failed("clip", "there is none", ""))?;
                        // Cut-outs are sent once: they are not kept.
                        let draw = move || {
                            let views = wanted.iter().map(std::slice::from_ref);
                            views.map(|view| gallery.draw(view)).collect::<Result<Vec<_>, _>>()
                        };
                        let pictures = apart(draw).await?;
                        let (scores, source) = client.scores(&pictures.iter().collect::<Vec<_>>(), &text).await?;
                        let fresh =
                            |score| Fresh { answer: serde_json::json!({ "score": score }), source: source.clone() };
                        Ok(scores.into_iter().map(fresh).collect())
                    })
                }),
            };
            batches.push(Batch { call, places: (start..start + some.len()).collect() });
        }
        progress(Progress::Asking(masks.len()));
        let known = self.settle(batches, masks.len(), &vec![Service::Clip; masks.len()], progress)?;
        Ok(known.into_iter().map(|known| known.ok()?.answer.get("score").and_then(Value::as_f64)).collect())
    }
}
