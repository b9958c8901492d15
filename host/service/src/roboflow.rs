//! Client of an executor with the contract of Roboflow's inference server for SAM 3: `/sam3/visual_segment` for the object that a
//! box or points show, `/sam3/concept_segment` for all objects of a concept.
//!
//! In this contract a box is its centre and size in pixels. Masks are requested as COCO run lengths. A request to
//! `/sam3/visual_segment` segments one object.

use rescue_core::{Photo, Point, Prompt, Size};
use rescue_mask::Mask;
use serde_json::{Map, Value, json};

use crate::body::Body;
use crate::entry::Source;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};
use crate::range::is_meant;
use crate::sam_server::PhotoFiles;
use crate::traits::{BoxFuture, Executor, Items, ModelId, Segment, Segmented};
use crate::wire_mask;

/// The name and version of this contract and of how this host writes prompts in it. It is part of keys.
pub const CONTRACT: &str = "roboflow/1";
/// The most masks that a response to one prompt may have.
const MAX_MASKS: usize = 256;

/// A client of one server.
pub struct RoboflowExecutor {
    http: Http,
    remote: Remote,
    model: ModelId,
    confidence: f64,
    files: PhotoFiles,
}

impl RoboflowExecutor {
    /// A client of the server at `remote`. `confidence`, 0 to 1, is the least confidence of the objects of a concept.
    pub fn new(http: Http, remote: Remote, model: ModelId, confidence: f64) -> Self {
        Self { http, remote, model, confidence, files: PhotoFiles::new() }
    }

    async fn segment_all(&self, photo: &Photo, prompts: &[Prompt]) -> Result<(Items<Segmented>, Source), AskError> {
        let mut answers = Vec::with_capacity(prompts.len());
        let mut source = Source::default();
        for prompt in prompts {
            answers.push(Ok(self.segment_one(photo, prompt, &mut source).await?));
        }
        Ok((answers, source))
    }

    /// Segments one prompt. Adds the request's seconds to `source` and replaces its other fields.
    async fn segment_one(&self, photo: &Photo, prompt: &Prompt, source: &mut Source) -> Result<Segmented, AskError> {
        if prompt.concept.is_empty() && prompt.rect.is_none() && prompt.points.is_empty() {
            return Ok(Err("it has neither a concept nor a box nor points".into()));
        }
        let file = self.files.get(photo)?;
        let (path, fields) = if prompt.concept.is_empty() {
            let prompts = json!({"prompts": [visual(prompt)]});
            (
                "/sam3/visual_segment",
                [("prompts", prompts), ("format", json!("rle")), ("multimask_output", json!(false))],
            )
        } else {
            let prompts = json!([{"type": "text", "text": prompt.concept}]);
            let least = json!(self.confidence);
            ("/sam3/concept_segment", [("prompts", prompts), ("format", json!("rle")), ("output_prob_thresh", least)])
        };
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        let body = Body::default().raw("{\"image\":{\"type\":\"base64\",\"value\":\"").base64(&file).raw("\"},");
        let body = body.fields(&fields).map_err(|error| ServiceError::bug("executor", error.to_string()))?.raw("}");
        source.sent = body.digest();
        let reply = self.http.post(&self.remote, path, body, limits::masks(photo.size(), MAX_MASKS)).await;
        let reply = reply.map_err(|refusal| refusal.error)?;
        source.seconds += reply.seconds;
        source.server = reply.server;
        read(&reply.body, photo.size(), prompt).map_err(|how| AskError::breach(&self.remote.url, how))
    }
}

impl Executor for RoboflowExecutor {
    fn model(&self) -> &ModelId {
        &self.model
    }

    /// A concept with a box stands for the concept's objects that overlap the box. Points beside a concept are ignored.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<(Items<Segmented>, Source), AskError>> {
        Box::pin(self.segment_all(photo, prompts))
    }
}

/// A prompt of a box, points or both, in this contract.
fn visual(prompt: &Prompt) -> Value {
    let rect = prompt.rect.map(|rect| {
        json!({
            "x": f64::midpoint(rect.x_min, rect.x_max), "y": f64::midpoint(rect.y_min, rect.y_max),
            "width": rect.x_max - rect.x_min, "height": rect.y_max - rect.y_min,
        })
    });
    let point = |point: &Point| json!({"x": point.x, "y": point.y, "positive": point.inside});
    let points: Vec<Value> = prompt.points.iter().map(point).collect();
    let points = (!points.is_empty()).then_some(points.into());
    let fields = [("box", rect), ("points", points)];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
}

/// Reads the response to a prompt: the union of the predicted masks, for a concept with a box only of those that overlap the box.
/// Its score is the lowest of their confidences.
///
/// # Errors
///
/// Says how the response breaks the contract.
fn read(body: &Value, size: Size, prompt: &Prompt) -> Result<Segmented, String> {
    let concept = !prompt.concept.is_empty();
    let predictions = if concept {
        let results =
            body.get("prompt_results").and_then(Value::as_array).ok_or("there is no list \"prompt_results\"")?;
        let [result] = results.as_slice() else { return Err(format!("{} results for one prompt", results.len())) };
        result
    } else {
        body
    };
    let predictions = predictions.get("predictions").and_then(Value::as_array);
    let predictions = predictions.ok_or("there is no list \"predictions\"")?;
    if predictions.len() > MAX_MASKS {
        return Err(format!("{} masks for one prompt; at most {MAX_MASKS} are allowed", predictions.len()));
    }
    if !concept && predictions.len() != 1 {
        return Err(format!("{} masks for one prompt", predictions.len()));
    }
    let within = prompt.rect.filter(|_| concept).map(|rect| Mask::from_rect(size, rect));
    let mut found: Option<Segment> = None;
    for prediction in predictions {
        let mask = prediction.get("masks").ok_or("a prediction has no \"masks\"")?;
        let mask = wire_mask::read(mask, size)?;
        let score = prediction.get("confidence").and_then(Value::as_f64).filter(|score| is_meant(*score, 1.0));
        let score = score.ok_or("a confidence is not a number from 0 to 1")?;
        if mask.is_empty() && !concept {
            return Err("the mask for a box or points is blank".into());
        }
        let overlaps = within.as_ref().is_none_or(|within| mask.shared_area(within).is_ok_and(|area| area > 0));
        if mask.is_empty() || !overlaps {
            continue;
        }
        match &mut found {
            None => found = Some(Segment { mask, predicted_iou: Some(score) }),
            Some(found) => {
                found.mask.union_with(&mask).map_err(|error| error.to_string())?;
                found.predicted_iou = found.predicted_iou.map(|lowest| lowest.min(score));
            }
        }
    }
    Ok(found.ok_or_else(|| format!("the executor finds no {:?} there", prompt.concept)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rescue_core::Rect;

    const SIZE: Size = Size::new(40, 20);

    fn rect(x_min: f64, x_max: f64) -> Rect {
        Rect { x_min, y_min: 0.0, x_max, y_max: 20.0 }
    }

    fn predicted(x_min: f64, x_max: f64, confidence: f64) -> Value {
        let rle = serde_json::to_value(Mask::from_rect(SIZE, rect(x_min, x_max)).to_rle()).unwrap();
        json!({"masks": rle, "confidence": confidence, "format": "rle"})
    }

    #[test]
    fn boxes_are_written_as_centre_and_size() {
        let prompt = Prompt { concept: String::new(), rect: Some(rect(10.0, 20.0)), points: Vec::new() };
        assert_eq!(visual(&prompt), json!({"box": {"x": 15.0, "y": 10.0, "width": 10.0, "height": 20.0}}));
        let answer = read(&json!({"predictions": [predicted(9.0, 21.0, 0.9)]}), SIZE, &prompt).unwrap().unwrap();
        assert_eq!((answer.mask.area(), answer.predicted_iou), (240, Some(0.9)));
        assert!(read(&json!({"predictions": []}), SIZE, &prompt).is_err());
        assert!(
            read(&json!({"predictions": [predicted(3.0, 3.0, 0.9)]}), SIZE, &prompt).unwrap_err().contains("blank")
        );
        let polygon = json!({"predictions": [{"masks": [[[0, 0], [1, 1]]], "confidence": 0.5, "format": "polygon"}]});
        assert!(read(&polygon, SIZE, &prompt).is_err());
    }

    #[test]
    fn a_concept_with_a_box_is_the_union_of_its_objects_that_overlap_the_box() {
        let body = json!({"prompt_results": [{"prompt_index": 0, "predictions": [
            predicted(0.0, 5.0, 0.9), predicted(8.0, 12.0, 0.8), predicted(30.0, 40.0, 0.7),
        ]}]});
        let mut prompt = Prompt { concept: "dog".into(), rect: Some(rect(4.0, 9.0)), points: Vec::new() };
        let some = read(&body, SIZE, &prompt).unwrap().unwrap();
        assert_eq!((some.mask.area(), some.predicted_iou), (180, Some(0.8)));
        prompt.rect = None;
        assert_eq!(read(&body, SIZE, &prompt).unwrap().unwrap().mask.area(), 380);
        let none = json!({"prompt_results": [{"predictions": []}]});
        assert!(read(&none, SIZE, &prompt).unwrap().is_err());
    }
}
