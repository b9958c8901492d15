//! Client of an executor with the original system's contract: `POST /api/v1/image/segment`.
//!
//! One request holds many prompts. The response has one mask for each: first those of all texts, then those of all boxes, then those
//! of all sets of points, in whatever order the prompts were sent.

use std::sync::Arc;

use rescue_core::{Digest, Photo, Prompt, Rect, Size};
use rescue_mask::Mask;
use rescue_mask::jpeg::File;
use serde_json::{Value, json};

use crate::body::{Body, Encoded};
use crate::entry::Source;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};
use crate::lru::LruCache;
use crate::range::is_meant;
use crate::traits::{BadItem, BoxFuture, Executor, Items, ModelId, Segment, Segmented};
use crate::wire_mask;

/// The JPEG quality of the photos that are sent.
const QUALITY: u8 = 95;
/// The name and version of this contract and of how this host writes prompts in it. It is part of keys.
pub const CONTRACT: &str = "rescue/1";
/// Two masks count as exchanged if the IoU of each with the other's box exceeds that with its own box by more than this.
const EXCHANGED: f64 = 0.3;

/// The settings that an answer of an executor behind HTTP depends on: the contract, the least confidence (0 to 1), and how the photo
/// is encoded. They are part of the keys of its questions.
pub fn executor_terms(contract: &str, confidence: f64) -> Value {
    json!({"contract": contract, "confidence": confidence, "photo": {"jpeg": QUALITY}})
}

/// A client of one server.
pub struct SamExecutor {
    http: Http,
    remote: Remote,
    model: ModelId,
    confidence: f64,
    files: PhotoFiles,
}

/// The photos that are kept as they are sent: those of the samples under way, if they are not many.
const PHOTOS: usize = 32;

/// The last photos in the encoding in which they are sent.
pub(crate) struct PhotoFiles {
    encoded: LruCache<(Digest, Size), Encoded>,
}

impl PhotoFiles {
    pub(crate) fn new() -> Self {
        Self { encoded: LruCache::new(PHOTOS) }
    }

    /// The photo as a JPEG.
    pub(crate) fn get(&self, photo: &Photo) -> Result<Arc<Encoded>, ServiceError> {
        self.encoded.get((photo.digest(), photo.size()), || {
            let file = rescue_mask::jpeg::encode_rgb(photo.size(), photo.rgb(), QUALITY)
                .map_err(|error| ServiceError::of_sample("executor", error.to_string(), "Use another photo."))?;
            Ok(Encoded::jpeg(File::whole(file)))
        })
    }
}

impl SamExecutor {
    /// A client of the server at `remote`. `confidence`, 0 to 1, is the least confidence of the masks that it asks for.
    pub fn new(http: Http, remote: Remote, model: ModelId, confidence: f64) -> Self {
        Self { http, remote, model, confidence, files: PhotoFiles::new() }
    }

    async fn segment_all(&self, photo: &Photo, prompts: &[Prompt]) -> Result<(Items<Segmented>, Source), AskError> {
        let mut answers: Vec<Option<Result<Segmented, BadItem>>> =
            prompts.iter().map(|prompt| unsupported(prompt).map(|why| Ok(Err(why)))).collect();
        let mut sent: Vec<(usize, Kind, &Prompt)> = Vec::new();
        for (index, (prompt, answer)) in prompts.iter().zip(&answers).enumerate() {
            if answer.is_none() {
                sent.push((index, Kind::of(prompt), prompt));
            }
        }
        // The order of the masks in the response.
        sent.sort_by_key(|(index, kind, _)| (*kind, *index));
        let mut source = Source::default();
        if !sent.is_empty() {
            let file = self.files.get(photo)?;
            let prompts: Vec<Value> = sent.iter().map(|(_, kind, prompt)| kind.wire(prompt, photo.size())).collect();
            let body = Body::default().raw("{\"image\":\"").base64(&file).raw("\",\"prompts\":").json(&prompts);
            let body = body.and_then(|body| body.raw(",\"confidence_threshold\":").json(&self.confidence));
            let body = body.map_err(|error| ServiceError::bug("executor", error.to_string()))?.raw("}");
            source.sent = body.digest();
            let reply = self
                .http
                .post(&self.remote, "/api/v1/image/segment", body, limits::masks(photo.size(), sent.len()))
                .await;
            let reply = reply.map_err(|refusal| refusal.error)?;
            (source.seconds, source.server) = (reply.seconds, reply.server);
            let read = read(&reply.body, photo.size(), &sent);
            let read = read.map_err(|how| AskError::breach(&self.remote.url, how))?;
            for ((index, _, _), segmented) in sent.iter().zip(read) {
                if let Some(answer) = answers.get_mut(*index) {
                    *answer = Some(segmented);
                }
            }
        }
        let missing = || Err(BadItem::new("the executor did not answer it"));
        Ok((answers.into_iter().map(|answer| answer.unwrap_or_else(missing)).collect(), source))
    }
}

impl Executor for SamExecutor {
    fn model(&self) -> &ModelId {
        &self.model
    }

    /// This contract has no prompt of points together with a box or concept. A concept with a box is sent as the concept alone; its
    /// mask counts only if its bounds overlap the box.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<(Items<Segmented>, Source), AskError>> {
        Box::pin(self.segment_all(photo, prompts))
    }
}

/// The kind of a prompt. Masks are returned in the order of these variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Text,
    Box,
    Points,
}

/// Why this contract cannot express the prompt; `None` if it can.
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

    /// The prompt as JSON, with coordinates from 0 to 1.
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

/// Reads the result of each prompt, in the order of `sent`: index, kind and prompt, ordered as the response is.
///
/// # Errors
///
/// Says how the response as a whole breaks the contract. What is wrong with one mask or score is in its place.
fn read(body: &Value, size: Size, sent: &[(usize, Kind, &Prompt)]) -> Result<Items<Segmented>, String> {
    let list = |name: &str| {
        let list = body.get(name).and_then(Value::as_array).ok_or_else(|| format!("there is no list {name:?}"))?;
        if list.len() == sent.len() {
            Ok(list)
        } else {
            Err(format!("{} {name} for {} prompts", list.len(), sent.len()))
        }
    };
    let (masks, scores) = (list("masks")?, list("scores")?);
    if let Some(sides) = body.get("image_size") {
        let sides = [sides.get("width"), sides.get("height")].map(|side| side.and_then(Value::as_u64));
        if sides != [Some(size.width.into()), Some(size.height.into())] {
            return Err(format!("\"image_size\" is not {size}"));
        }
    }
    let mut read = Vec::new();
    for (index, ((mask, score), (_, kind, prompt))) in masks.iter().zip(scores).zip(sent).enumerate() {
        let mask = wire_mask::read(mask, size).map_err(|why| BadItem::new(format!("mask {index}: {why}")));
        let found = score.as_f64().filter(|score| is_meant(*score, 1.0));
        let score = found.ok_or_else(|| BadItem::new(format!("score {index} is {score}, not a number from 0 to 1")));
        let (mask, score) = match (mask, score) {
            (Ok(mask), Ok(score)) => (mask, score),
            (Err(bad), _) | (_, Err(bad)) => {
                read.push(Err(bad));
                continue;
            }
        };
        read.push(match (mask.is_empty(), kind, prompt.rect) {
            // The contract has no error for a single prompt: servers report a failed box or point prompt as a blank mask.
            (true, Kind::Box | Kind::Points, _) => {
                Err(BadItem::new(format!("mask {index}, for a box or points, is blank")))
            }
            (true, Kind::Text, _) => Ok(Err(format!("the executor finds no {:?}", prompt.concept))),
            (false, Kind::Text, Some(rect)) if !overlaps(&mask, rect) => {
                Ok(Err(format!("the {:?} that the executor finds lies outside the box", prompt.concept)))
            }
            (false, Kind::Box, Some(rect)) if !overlaps(&mask, rect) => {
                return Err(format!("mask {index} lies outside its box: the masks may be in another order"));
            }
            _ => Ok(Ok(Segment { mask, predicted_iou: Some(score) })),
        });
    }
    check_order(&read, sent)?;
    Ok(read)
}

/// Whether the mask's bounds overlap the box. Pixels would not do, as a box may be smaller than a pixel.
fn overlaps(mask: &Mask, rect: Rect) -> bool {
    let Some(bounds) = mask.bounds().map(Rect::from) else { return false };
    bounds.x_min < rect.x_max && rect.x_min < bounds.x_max && bounds.y_min < rect.y_max && rect.y_min < bounds.y_max
}

/// Fails if two masks fit each other's boxes much better than their own, which means that the server exchanged them.
fn check_order(read: &[Result<Segmented, BadItem>], sent: &[(usize, Kind, &Prompt)]) -> Result<(), String> {
    let pairs =
        read.iter().zip(sent).filter_map(|(segmented, (_, kind, prompt))| match (segmented, kind, prompt.rect) {
            (Ok(Ok(segment)), Kind::Box, Some(rect)) => Some((Rect::from(segment.mask.bounds()?), rect)),
            _ => None,
        });
    let pairs: Vec<(Rect, Rect)> = pairs.collect();
    for (at, (mask, rect)) in pairs.iter().enumerate() {
        for (other_mask, other_rect) in pairs.iter().skip(at + 1) {
            let better = |one: &Rect, own: &Rect, other: &Rect| one.iou(*other) > one.iou(*own) + EXCHANGED;
            if better(mask, rect, other_rect) && better(other_mask, other_rect, rect) {
                return Err("two masks fit each other's boxes: the masks may be in another order".into());
            }
        }
    }
    Ok(())
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

    fn of(body: &Value, prompts: &[Prompt]) -> Result<Items<Segmented>, String> {
        let sent: Vec<_> =
            prompts.iter().enumerate().map(|(index, prompt)| (index, Kind::of(prompt), prompt)).collect();
        read(body, SIZE, &sent)
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
    fn breaches_of_the_contract_are_errors() {
        let prompts = [at(0.0)];
        let good = answered(&[prompts[0].rect]);
        assert!(of(&good, &prompts).is_ok());
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = good.clone();
            change(&mut body);
            match of(&body, &prompts) {
                Err(why) => why,
                Ok(mut items) => items.remove(0).unwrap_err().why,
            }
        };
        assert!(with(&|body| body["masks"] = json!([])).contains("0 masks for 1 prompts"));
        assert!(with(&|body| body["scores"] = json!(["NaN"])).contains("score 0"));
        assert!(with(&|body| body["scores"] = json!([1.5])).contains("score 0"));
        assert!(with(&|body| body["image_size"]["width"] = json!(7)).contains("image_size"));
        assert!(with(&|body| body["masks"] = json!([masked(None)])).contains("blank"));
        assert!(with(&|body| *body = json!({"detail": "x"})).contains("no list"));
    }

    /// The others stay, and a predicted IoU a little above 1 is one.
    #[test]
    fn one_bad_item_is_lost_by_name() {
        let prompts = [at(0.0), at(30.0), at(60.0)];
        let mut body = answered(&[prompts[0].rect, prompts[1].rect, prompts[2].rect]);
        body["scores"] = json!([1.013, "NaN", 0.5]);
        body["masks"][2] = json!("no base64");
        let read = of(&body, &prompts).unwrap();
        assert_eq!(read[0].as_ref().unwrap().as_ref().unwrap().predicted_iou, Some(1.013));
        assert_eq!(read[1].as_ref().unwrap_err().why, "score 1 is \"NaN\", not a number from 0 to 1");
        assert!(read[2].as_ref().unwrap_err().why.starts_with("mask 2: "));
    }

    #[test]
    fn a_text_may_find_nothing() {
        let prompt = Prompt { concept: "dog".into(), rect: None, points: Vec::new() };
        let found = of(&answered(&[None]), std::slice::from_ref(&prompt)).unwrap();
        assert!(found[0].as_ref().unwrap().as_ref().unwrap_err().contains("no \"dog\""));
    }

    #[test]
    fn results_of_texts_come_before_those_of_boxes_and_points() {
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
