//! The contract of Roboflow's inference server: `/sam3/embed_image`, `/sam3/visual_segment` and
//! `/sam3/concept_segment`.
//!
//! According to its public repository, `visual_segment` takes boxes by their centre (`Sam2PromptSet`),
//! `concept_segment` by their top left corner or by both corners, all in pixels. `format` is `polygon` (also `json`) or
//! `rle`. A picture is `{"type": "base64", "value"}`; it may be left out if `image_id` was embedded before.

use std::sync::Arc;

use rescue_mask::{Mask, Rect};
use serde_json::{Value, json};

use super::SamModel;
use super::polygon::polygons;
use super::prompt::{Found, Objects};
use crate::fault::Fault;
use crate::limits::MAX_PROMPTS;
use crate::lock::lock;
use crate::serve::{Answer, Call, text_of};
use crate::vision::{Analysis, resize_mask};

/// The confidence below which a mask is left out, unless the request gives another threshold.
const THRESHOLD: f64 = 0.5;

impl SamModel {
    pub(super) fn embed(&self, call: &mut Call<'_>) -> Result<Answer, String> {
        let analysis = self.picture(call)?;
        let named = call.body.get("image_id").and_then(Value::as_str);
        let id = named.map_or_else(|| analysis.digest.short(), str::to_owned);
        lock(&self.embedded).insert(id.clone(), analysis);
        Ok(Answer::json(&json!({ "image_id": id, "time": 0.001 })))
    }

    pub(super) fn visual(&self, call: &mut Call<'_>) -> Result<Answer, String> {
        let analysis = self.picture(call)?;
        let objects = Objects::new(&self.analyser, &analysis);
        let prompts = call.body.get("prompts");
        let prompts = list(prompts.and_then(|prompts| prompts.get("prompts")).or(prompts))?;
        let mut found = Vec::new();
        for prompt in prompts {
            found.push(if let Some(rect) = prompt.get("box").filter(|rect| !rect.is_null()) {
                let [x, y, width, height] =
                    fields(rect, ["x", "y", "width", "height"]).ok_or("a box has x, y, width, height")?;
                let (right, down) = (width / 2.0, height / 2.0);
                objects.in_box(Rect { x_min: x - right, y_min: y - down, x_max: x + right, y_max: y + down })
            } else {
                let point =
                    prompt.get("points").and_then(|points| points.get(0)).ok_or("a prompt has a box or points")?;
                let [x, y] = fields(point, ["x", "y"]).ok_or("a point has x and y")?;
                objects.at_point(x, y)
            });
        }
        if call.fault == Some(Fault::WrongOrder) && !found.is_empty() {
            found.rotate_left(1);
        }
        finish(json!({ "predictions": predictions(&found, call)?, "time": 0.001 }), call)
    }

    pub(super) fn concept(&self, call: &mut Call<'_>) -> Result<Answer, String> {
        let analysis = self.picture(call)?;
        let objects = Objects::new(&self.analyser, &analysis);
        let threshold = |value: &Value| value.get("output_prob_thresh").and_then(Value::as_f64);
        let usual = threshold(call.body).unwrap_or(THRESHOLD);
        let mut results = Vec::new();
        for (index, prompt) in list(call.body.get("prompts"))?.iter().enumerate() {
            let text = prompt.get("text").and_then(Value::as_str);
            let boxes = prompt.get("boxes").and_then(Value::as_array);
            let mut found = match (text, boxes.and_then(|boxes| boxes.first())) {
                (Some(text), _) => objects.of_name(text),
                (None, Some(rect)) => {
                    objects.like(corners(rect).ok_or("a box has x, y, width, height or x0, y0, x1, y1")?)
                }
                (None, None) => return Err("a prompt has a text or boxes".to_owned()),
            };
            found.retain(|found| found.score >= threshold(prompt).unwrap_or(usual));
            results.push(json!({
                "prompt_index": index,
                "echo": {
                    "prompt_index": index,
                    "type": if text.is_some() { "text" } else { "visual" },
                    "text": text,
                    "num_boxes": boxes.map_or(0, Vec::len),
                },
                "predictions": predictions(&found, call)?,
            }));
        }
        if call.fault == Some(Fault::WrongOrder) {
            results.reverse();
        }
        finish(json!({ "prompt_results": results, "time": 0.001 }), call)
    }

    /// The picture of a request, or the one that was embedded under its `image_id`.
    fn picture(&self, call: &mut Call<'_>) -> Result<Arc<Analysis>, String> {
        if let Some(image) = call.body.get("image").filter(|image| !image.is_null()) {
            let kind = text_of(image, "type")?;
            if kind != "base64" {
                return Err(format!("pictures of type {kind:?} are not taken; send base64"));
            }
            return self.analyse(text_of(image, "value")?, call);
        }
        let id = text_of(call.body, "image_id").map_err(|_| "there is neither image nor image_id")?;
        lock(&self.embedded).get(&id.to_owned()).cloned().ok_or_else(|| format!("no image {id:?} was embedded"))
    }
}

fn list(value: Option<&Value>) -> Result<&Vec<Value>, String> {
    let list = value.and_then(Value::as_array).filter(|list| !list.is_empty()).ok_or("prompts is missing or empty")?;
    if list.len() > MAX_PROMPTS {
        return Err(format!("there are {} prompts; {MAX_PROMPTS} are the most", list.len()));
    }
    Ok(list)
}

fn fields<const N: usize>(value: &Value, names: [&str; N]) -> Option<[f64; N]> {
    let numbers: Vec<f64> = names.iter().filter_map(|name| value.get(name)?.as_f64()).collect();
    numbers.try_into().ok()
}

/// Reads a box of `concept_segment`. `None` if it has neither form.
fn corners(value: &Value) -> Option<Rect> {
    if let Some([x_min, y_min, x_max, y_max]) = fields(value, ["x0", "y0", "x1", "y1"]) {
        return Some(Rect { x_min, y_min, x_max, y_max });
    }
    let [x, y, width, height] = fields(value, ["x", "y", "width", "height"])?;
    Some(Rect { x_min: x, y_min: y, x_max: x + width, y_max: y + height })
}

fn predictions(found: &[Found], call: &Call<'_>) -> Result<Vec<Value>, String> {
    let format = call.body.get("format").and_then(Value::as_str).unwrap_or("polygon");
    let mut predictions = Vec::new();
    for (index, Found { mask, score }) in found.iter().enumerate() {
        let mut mask = mask.clone();
        match call.fault {
            Some(Fault::ZeroMask) => mask = Mask::new(mask.size()),
            Some(Fault::WrongSize) => {
                let size = mask.size();
                mask = resize_mask(&mask, rescue_mask::Size::new(size.width.div_ceil(2), size.height.div_ceil(2)));
            }
            _ => {}
        }
        let confidence = if call.fault == Some(Fault::Nan) && index == 0 { json!("NaN") } else { json!(score) };
        let (format, masks) = match format {
            "rle" => {
                let size = [mask.size().height, mask.size().width];
                ("rle", json!({ "size": size, "counts": mask.to_rle().encode_string() }))
            }
            "polygon" | "json" => ("polygon", json!(polygons(&mask))),
            other => return Err(format!("masks are not answered as {other:?}; polygon, json and rle are")),
        };
        predictions.push(json!({ "masks": masks, "confidence": confidence, "format": format }));
    }
    Ok(predictions)
}

fn finish(mut body: Value, call: &Call<'_>) -> Result<Answer, String> {
    if call.fault == Some(Fault::WrongSchema) {
        body = if call.attempt.is_multiple_of(2) {
            json!({ "time": 0.001 })
        } else {
            json!({ "predictions": 3, "prompt_results": 3 })
        };
    }
    Ok(Answer::python(&body))
}
