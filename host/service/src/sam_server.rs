//! An executor behind the original system's contract: `POST /api/v1/image/segment`.
//!
//! One request holds many prompts. The answer has a mask for each: those of all texts first, then those of all boxes, then those of
//! all sets of points, whatever order they were sent in.

use std::sync::Arc;

use rescue_core::{Digest, Photo, Prompt, Rect, Size};
use rescue_mask::{Bounds, Mask};
use serde_json::{Value, json};

use crate::entry::Source;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};
use crate::lru::LruCache;
use crate::traits::{BoxFuture, Executor, ModelId, Segment, Segmented};
use crate::wire_mask;

/// The quality of the JPEG in which a photo is sent.
pub(crate) const QUALITY: u8 = 95;
/// This contract, and how this host puts prompts in it.
pub const CONTRACT: &str = "rescue/1";
/// By how much two masks have to fit each other's boxes better than their own to be taken for exchanged.
const EXCHANGED: f64 = 0.3;

/// What an answer of an executor behind HTTP depends on besides its prompt: the contract and how prompts are put in it, the least
/// confidence, and how the photo is sent.
pub fn executor_terms(contract: &str, confidence: f64) -> Value {
    json!({"contract": contract, "confidence": confidence, "photo": {"jpeg": QUALITY}})
}

/// One server.
pub struct SamExecutor {
    http: Http,
    remote: Remote,
    model: ModelId,
    confidence: f64,
    files: PhotoFiles,
}

/// Photos as they are sent, encoded once.
pub(crate) struct PhotoFiles {
    recent: LruCache<(Digest, Size), String>,
}

impl PhotoFiles {
    pub(crate) fn new() -> Self {
        Self { recent: LruCache::new(4) }
    }

    /// A photo as JPEG in base64.
    pub(crate) fn get(&self, photo: &Photo) -> Result<Arc<String>, ServiceError> {
        self.recent.get((photo.digest(), photo.size()), || {
            let file = rescue_mask::jpeg::encode_rgb(photo.size(), photo.rgb(), QUALITY)
                .map_err(|error| ServiceError::failed("executor", error.to_string(), "Use another photo."))?;
            Ok(base64_simd::STANDARD.encode_to_string(file))
        })
    }
}

impl SamExecutor {
    /// The server at this address. It is asked for masks of at least this confidence, 0 to 1.
    pub fn new(http: Http, remote: Remote, model: ModelId, confidence: f64) -> Self {
        Self { http, remote, model, confidence, files: PhotoFiles::new() }
    }

    async fn ask(&self, photo: &Photo, prompts: &[Prompt]) -> Result<(Vec<Segmented>, Source), AskError> {
        let mut answers: Vec<Option<Segmented>> = prompts.iter().map(|prompt| unsupported(prompt).map(Err)).collect();
        let mut wanted: Vec<(usize, Kind, &Prompt)> = Vec::new();
        for (place, (prompt, answer)) in prompts.iter().zip(&answers).enumerate() {
            if answer.is_none() {
                wanted.push((place, Kind::of(prompt), prompt));
            }
        }
        // The order in which the masks come back.
        wanted.sort_by_key(|(place, kind, _)| (*kind, *place));
        let mut source = Source::default();
        if !wanted.is_empty() {
            let file = self.files.get(photo)?;
            let body = json!({
                "image": file.as_str(),
                "prompts": wanted.iter().map(|(_, kind, prompt)| kind.wire(prompt, photo.size())).collect::<Vec<_>>(),
                "confidence_threshold": self.confidence,
            });
            let body = serde_json::to_vec(&body).map_err(|error| ServiceError::bug("executor", error.to_string()))?;
            source.sent = blake3::hash(&body).to_hex().to_string();
            let reply = self
                .http
                .post(&self.remote, "/api/v1/image/segment", body, limits::masks(photo.size(), wanted.len()))
                .await;
            let reply = reply.map_err(|refusal| refusal.error)?;
            (source.seconds, source.server) = (reply.seconds, reply.server);
            let read = read(&reply.body, photo.size(), &wanted);
            let read = read.map_err(|how| AskError::breach(&self.remote.url, how))?;
            for ((place, _, _), segmented) in wanted.iter().zip(read) {
                if let Some(answer) = answers.get_mut(*place) {
                    *answer = Some(segmented);
                }
            }
        }
        let missing = || Err("the executor did not answer it".to_owned());
        Ok((answers.into_iter().map(|answer| answer.unwrap_or_else(missing)).collect(), source))
    }
}

impl Executor for SamExecutor {
    fn model(&self) -> &ModelId {
        &self.model
    }

    /// A box together with points is no prompt of this contract. A concept with a box is asked for by its concept, and counts where
    /// its mask meets the box.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<(Vec<Segmented>, Source), AskError>> {
        Box::pin(self.ask(photo, prompts))
    }
}

/// Prompts in the order in which they are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Text,
    Box,
    Points,
}

fn unsupported(prompt: &Prompt) -> Option<String> {
    match (prompt.concept.is_empty(), prompt.rect.is_some(), prompt.points.is_empty()) {
        (true, false, true) => Some("it has neither a concept nor a box nor points".into()),
        (_, true, false) => Some("this executor takes a box or points, not both".into()),
        (false, _, false) => Some("this executor takes a concept or points, not both".into()),
        _ => None,
    }
}

impl Kind {
    fn of(prompt: &Prompt) -> Self {
        match (prompt.concept.is_empty(), prompt.rect) {
            (false, _) => Self::Text,
            (true, Some(_)) => Self::Box,
            (true, None) => Self::Points,
        }
    }

    fn wire(self, prompt: &Prompt, size: Size) -> Value {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        match (self, prompt.rect) {
            (Self::Text, _) => json!({"type": "text", "text": prompt.concept}),
            (Self::Box, Some(Rect { x_min, y_min, x_max, y_max })) => {
                json!({"type": "box", "box": [x_min / width, y_min / height, x_max / width, y_max / height], "label": true})
            }
            (Self::Points | Self::Box, _) => {
                let points = prompt.points.iter().map(|point| [point.x / width, point.y / height]);
                let labels = prompt.points.iter().map(|point| u8::from(point.inside));
                json!({
                    "type": "point",
                    "points": points.collect::<Vec<_>>(), "point_labels": labels.collect::<Vec<_>>(),
                })
            }
        }
    }
}

/// What came for each prompt, in the order sent; the error is a breach of the contract.
fn read(body: &Value, size: Size, wanted: &[(usize, Kind, &Prompt)]) -> Result<Vec<Segmented>, String> {
    let list = |name: &str| {
        let list = body.get(name).and_then(Value::as_array).ok_or_else(|| format!("there is no list {name:?}"))?;
        if list.len() == wanted.len() {
            Ok(list)
        } else {
            Err(format!("{} {name} for {} prompts", list.len(), wanted.len()))
        }
    };
    let (masks, scores) = (list("masks")?, list("scores")?);
    if let Some(told) = body.get("image_size") {
        let told = [told.get("width"), told.get("height")].map(|side| side.and_then(Value::as_u64));
        if told != [Some(size.width.into()), Some(size.height.into())] {
            return Err(format!("\"image_size\" is not {size}"));
        }
    }
    let mut read = Vec::new();
    for (place, ((mask, score), (_, kind, prompt))) in masks.iter().zip(scores).zip(wanted).enumerate() {
        let mask = wire_mask::read(mask, size).map_err(|why| format!("mask {place}: {why}"))?;
        let score = score.as_f64().filter(|score| (0.0..=1.0).contains(score));
        let score = score.ok_or_else(|| format!("score {place} is no number from 0 to 1"))?;
        read.push(match (mask.is_empty(), kind, prompt.rect) {
            // Something stands in a box; a blank mask is a failure that this contract has no other word for.
            (true, Kind::Box | Kind::Points, _) => return Err(format!("mask {place} is blank, for a box or points")),
            (true, Kind::Text, _) => Err(format!("the executor finds no {:?}", prompt.concept)),
            (false, Kind::Text, Some(rect)) if !meets(&mask, rect) => {
                Err(format!("the {:?} that the executor finds lies outside the box", prompt.concept))
            }
            (false, Kind::Box, Some(rect)) if !meets(&mask, rect) => {
                return Err(format!("mask {place} lies outside its box: answers in another order?"));
            }
            _ => Ok(Segment { mask, predicted_iou: Some(score) }),
        });
    }
    in_order(&read, wanted)?;
    Ok(read)
}

/// By their bounds: a box may be smaller than a pixel.
fn meets(mask: &Mask, rect: Rect) -> bool {
    let Some(bounds) = mask.bounds().map(rect_of) else { return false };
    bounds.x_min < rect.x_max && rect.x_min < bounds.x_max && bounds.y_min < rect.y_max && rect.y_min < bounds.y_max
}

/// Two masks that fit each other's boxes much better than their own have changed places.
fn in_order(read: &[Segmented], wanted: &[(usize, Kind, &Prompt)]) -> Result<(), String> {
    let pairs =
        read.iter().zip(wanted).filter_map(|(segmented, (_, kind, prompt))| match (segmented, kind, prompt.rect) {
            (Ok(segment), Kind::Box, Some(rect)) => Some((rect_of(segment.mask.bounds()?), rect)),
            _ => None,
        });
    let pairs: Vec<(Rect, Rect)> = pairs.collect();
    for (at, (mask, rect)) in pairs.iter().enumerate() {
        for (other_mask, other_rect) in pairs.iter().skip(at + 1) {
            let better = |one: &Rect, own: &Rect, other: &Rect| one.iou(*other) > one.iou(*own) + EXCHANGED;
            if better(mask, rect, other_rect) && better(other_mask, other_rect, rect) {
                return Err("two masks fit each other's boxes: answers in another order?".into());
            }
        }
    }
    Ok(())
}

pub(crate) fn rect_of(bounds: Bounds) -> Rect {
    Rect {
        x_min: bounds.x_min.into(),
        y_min: bounds.y_min.into(),
        x_max: bounds.x_max.into(),
        y_max: bounds.y_max.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rescue_core::Point;

    const SIZE: Size = Size::new(100, 50);

    fn at(x_min: f64) -> Prompt {
        let rect = Rect { x_min, y_min: 10.0, x_max: x_min + 20.0, y_max: 30.0 };
        Prompt { concept: String::new(), rect: Some(rect), points: Vec::new() }
    }

    fn masked(rect: Option<Rect>) -> Value {
        let mask = rect.map_or_else(|| Mask::new(SIZE), |rect| Mask::from_rect(SIZE, rect));
        Value::String(base64_simd::STANDARD.encode_to_string(rescue_mask::png::write_mask(&mask).unwrap()))
    }

    fn answered(masks: &[Option<Rect>]) -> Value {
        let masks: Vec<Value> = masks.iter().map(|rect| masked(*rect)).collect();
        json!({"masks": masks, "scores": vec![0.5; masks.len()], "image_size": {"width": 100, "height": 50}})
    }

    fn of(body: &Value, prompts: &[Prompt]) -> Result<Vec<Segmented>, String> {
        let wanted: Vec<_> =
            prompts.iter().enumerate().map(|(place, prompt)| (place, Kind::of(prompt), prompt)).collect();
        read(body, SIZE, &wanted)
    }

    #[test]
    fn masks_belong_to_their_prompts() {
        let prompts = [at(0.0), at(15.0)];
        let right = [prompts[0].rect, prompts[1].rect];
        assert_eq!(of(&answered(&right), &prompts).unwrap().len(), 2);
        let exchanged = of(&answered(&[right[1], right[0]]), &prompts).unwrap_err();
        assert!(exchanged.contains("another order"), "{exchanged}");
        let far = [at(0.0), at(60.0)];
        assert!(of(&answered(&[far[1].rect, far[0].rect]), &far).unwrap_err().contains("outside its box"));
    }

    #[test]
    fn what_breaks_the_contract_is_no_answer() {
        let prompts = [at(0.0)];
        let good = answered(&[prompts[0].rect]);
        assert!(of(&good, &prompts).is_ok());
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = good.clone();
            change(&mut body);
            of(&body, &prompts).unwrap_err()
        };
        assert!(with(&|body| body["masks"] = json!([])).contains("0 masks for 1 prompts"));
        assert!(with(&|body| body["scores"] = json!(["NaN"])).contains("score 0"));
        assert!(with(&|body| body["scores"] = json!([1.5])).contains("score 0"));
        assert!(with(&|body| body["image_size"]["width"] = json!(7)).contains("image_size"));
        assert!(with(&|body| body["masks"] = json!([masked(None)])).contains("blank"));
        assert!(with(&|body| *body = json!({"detail": "x"})).contains("no list"));
    }

    #[test]
    fn a_text_may_find_nothing() {
        let prompt = Prompt { concept: "dog".into(), rect: None, points: Vec::new() };
        let found = of(&answered(&[None]), std::slice::from_ref(&prompt)).unwrap();
        assert!(found[0].as_ref().unwrap_err().contains("no \"dog\""));
    }

    #[test]
    fn texts_are_answered_before_boxes_and_points() {
        let text = Prompt { concept: "dog".into(), rect: None, points: Vec::new() };
        let point =
            Prompt { points: vec![Point { x: 50.0, y: 25.0, inside: true }], rect: None, concept: String::new() };
        let mut kinds = [Kind::of(&point), Kind::of(&at(1.0)), Kind::of(&text)];
        kinds.sort();
        assert_eq!(kinds, [Kind::Text, Kind::Box, Kind::Points]);
        assert_eq!(Kind::Points.wire(&point, SIZE)["points"], json!([[0.5, 0.5]]));
        assert!(unsupported(&Prompt { points: point.points, ..at(0.0) }).is_some());
    }
}
