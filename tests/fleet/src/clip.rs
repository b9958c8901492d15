//! The CLIP server: `POST /verify` with crops and a query.
//!
//! A crop is black outside of its mask. Its score is 100 × exp(−(d / 60)²), where d is how far the mean colour of what is not
//! black is from the colour of the thing that the query names: near 100 for that thing alone, lower the more of something else
//! is with it. A crop that is all black scores 0.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::limits::MAX_PROMPTS;
use crate::see::{Eye, Picture, decode};
use crate::serve::{Answer, Call, Model, Note, Stats, picture_bytes, refusal, text_of};

/// The distance of colours at which the score is 100 / e.
const FAR: f64 = 60.0;

/// Where all channels are below this it is black: JPEG leaves some noise.
const BLACK: u8 = 24;

/// The score of a crop whose query nobody knows.
const UNKNOWN: f64 = 1.0;

/// SigLIP.
pub(crate) struct ClipModel {
    eye: Arc<Eye>,
}

impl ClipModel {
    pub(crate) fn new(eye: Arc<Eye>) -> Self {
        Self { eye }
    }

    fn verify(&self, call: &mut Call<'_>) -> Result<Answer, String> {
        let query = text_of(call.body, "query")?;
        let crops = call.body.get("crops").and_then(Value::as_array).ok_or("crops is missing or no list")?;
        if crops.len() > MAX_PROMPTS {
            return Err(format!("there are {} crops; {MAX_PROMPTS} are the most", crops.len()));
        }
        let scene = self.eye.asked(query).and_then(|scene| self.eye.scenes.get(scene));
        if scene.is_none() {
            call.notes.push(Note::Unrecognised);
        }
        let mut scores = Vec::new();
        for crop in crops {
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

/// The mean colour of what is not black; none where all is.
fn mean(picture: &Picture) -> Option<[f64; 3]> {
    let (mut sum, mut count) = ([0.0; 3], 0_u32);
    for pixel in picture.pixels().filter(|pixel| pixel.iter().any(|value| *value >= BLACK)) {
        sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += f64::from(value));
        count += 1;
    }
    // A few pixels of noise are nothing to look at.
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
