//! The simulated CLIP server: `POST /verify` with crops and a query.
//!
//! A crop is black outside of its mask. Its score is 100 × exp(−(d / 60)²), where d is the distance between the mean
//! colour of the pixels that are not black and the colour of the object that the query names. A crop of that object
//! alone scores near 100; the more of anything else is in it, the lower it scores. A crop that is all black scores 0.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::limits::MAX_PROMPTS;
use crate::serve::{Answer, Call, Model, Note, Stats, picture_bytes, refusal, text_of};
use crate::vision::{Analyser, Picture, decode};

/// The distance between two colours at which the score is 100 / e.
const FAR: f64 = 60.0;

/// A pixel counts as black if all of its channels are below this: JPEG leaves some noise.
const BLACK: u8 = 24;

/// The score of a crop whose query is that of no scene.
const UNKNOWN: f64 = 1.0;

/// A simulated SigLIP.
pub(crate) struct ClipModel {
    analyser: Arc<Analyser>,
}

impl ClipModel {
    pub(crate) fn new(analyser: Arc<Analyser>) -> Self {
        Self { analyser }
    }

    fn verify(&self, call: &mut Call<'_>) -> Result<Answer, String> {
        let query = text_of(call.body, "query")?;
        let crops = call.body.get("crops").and_then(Value::as_array).ok_or("crops is missing or no list")?;
        if crops.len() > MAX_PROMPTS {
            return Err(format!("there are {} crops; {MAX_PROMPTS} are the most", crops.len()));
        }
        let scene = self.analyser.scene_of_query(query).and_then(|scene| self.analyser.scenes.get(scene));
        if scene.is_none() {
            call.notes.push(Note::Unrecognised);
        }
        let mut scores = Vec::new();
        for (index, crop) in crops.iter().enumerate() {
            if self.analyser.blind {
                let number = call.digest.bytes().get(index % 32).copied().unwrap_or_default();
                scores.push(json!(f64::from(number) / 2.56));
                continue;
            }
            let picture = decode(&picture_bytes(crop.as_str().ok_or("a crop is no text")?)?)?;
            call.notes.push(Note::ImageByBytes);
            scores.push(json!(match (scene, mean(&picture)) {
                (_, None) => 0.0,
                (None, Some(_)) => UNKNOWN,
                (Some(scene), Some(mean)) => {
                    let own = scene.target().colour.map(f64::from);
                    let apart: f64 = mean.into_iter().zip(own).map(|(mean, own)| (mean - own).powi(2)).sum();
                    100.0 * (-apart / (FAR * FAR)).exp()
                }
            }));
        }
        match call.fault {
            Some(Fault::WrongOrder) => scores.reverse(),
            Some(Fault::Nan) => {
                if let Some(first) = scores.first_mut() {
                    *first = json!("NaN");
                }
            }
            Some(Fault::WrongSchema) => {
                let spoilt = if call.attempt.is_multiple_of(2) {
                    json!({ "score": scores })
                } else {
                    json!({ "scores": "high" })
                };
                return Ok(Answer::json(&spoilt));
            }
            _ => {}
        }
        Ok(Answer::python(&json!({ "scores": scores })))
    }
}

/// The mean colour of the pixels that are not black. `None` if fewer than 4 pixels are not black.
fn mean(picture: &Picture) -> Option<[f64; 3]> {
    let (mut sum, mut count) = ([0.0; 3], 0_u32);
    for pixel in picture.pixels().filter(|pixel| pixel.iter().any(|value| *value >= BLACK)) {
        sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += f64::from(value));
        count += 1;
    }
    // Up to 3 pixels are noise.
    (count >= 4).then(|| sum.map(|sum: f64| sum / f64::from(count)))
}

impl Model for ClipModel {
    fn get(&self, path: &str, _: &Stats) -> Option<Answer> {
        (path == "/health").then(|| Answer::json(&json!({ "status": "healthy", "model_loaded": true })))
    }

    fn has(&self, path: &str) -> bool {
        path == "/verify"
    }

    fn post(&self, call: &mut Call<'_>) -> Answer {
        self.verify(call).unwrap_or_else(|why| self.error(400, &why))
    }

    fn error(&self, status: u16, message: &str) -> Answer {
        refusal(status, message)
    }

    fn endless(&self) -> &'static str {
        r#"{"scores":[0."#
    }
}
