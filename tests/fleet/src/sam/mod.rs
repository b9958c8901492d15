//! The simulated executor: SAM behind the original system's contract and behind Roboflow's.
//!
//! `POST /api/v1/image/segment` answers one mask for each prompt: first those of all text prompts, then of all boxes,
//! then of all points, as the original does. `/sam3/visual_segment` answers one mask for each prompt in the prompts'
//! order, `/sam3/concept_segment` all instances of each prompt.
//!
//! - A box finds the object whose bounds have the best IoU with it; its mask is cut off a fifth of the box's sides
//!   outside of the box. If no object's bounds have an IoU of .2 or more, the answer is the ellipse that fills the box,
//!   with a low score.
//! - A point finds the object on which it lies.
//! - A text finds the objects of that name; the original contract has room for the first of them only.
//! - If nothing is found, the answer is an empty mask with score 0 and the box 0 0 0 0.

mod original;
mod polygon;
mod prompt;
mod roboflow;

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::config::MaskFile;
use crate::limits::MAX_ANALYSES;
use crate::lru::Lru;
use crate::serve::{Answer, Call, Model, Note, Stats, picture_bytes, refusal};
use crate::vision::{Analyser, Analysis};

/// A simulated SAM 3.
pub(crate) struct SamModel {
    analyser: Arc<Analyser>,
    mask_file: MaskFile,
    /// The pictures that `/sam3/embed_image` received, by `image_id`.
    embedded: Mutex<Lru<String, Arc<Analysis>>>,
}

impl SamModel {
    pub(crate) fn new(mask_file: MaskFile, analyser: Arc<Analyser>) -> Self {
        Self { analyser, mask_file, embedded: Mutex::new(Lru::new(MAX_ANALYSES)) }
    }

    /// Decodes and analyses a picture in base64.
    fn analyse(&self, base64: &str, call: &mut Call<'_>) -> Result<Arc<Analysis>, String> {
        let analysis = self.analyser.analyse(&picture_bytes(base64)?)?;
        call.notes.push(Note::ImageByBytes);
        if analysis.views.is_empty() {
            call.notes.push(Note::Unrecognised);
        }
        Ok(analysis)
    }
}

impl Model for SamModel {
    fn get(&self, path: &str, _: &Stats) -> Option<Answer> {
        match path {
            "/health" | "/api/v1/health" => Some(Answer::json(&json!({ "status": "healthy", "model_loaded": true }))),
            "/models/info" | "/api/v1/models/info" => {
                let model = json!({ "name": "sam3", "loaded": true, "supports": ["text", "box", "point"] });
                Some(Answer::json(&json!({ "models": [model] })))
            }
            _ => None,
        }
    }

    fn has(&self, path: &str) -> bool {
        ["/api/v1/image/segment", "/sam3/embed_image", "/sam3/concept_segment", "/sam3/visual_segment"].contains(&path)
    }

    fn post(&self, call: &mut Call<'_>) -> Answer {
        let answer = match call.path {
            "/sam3/embed_image" => self.embed(call),
            "/sam3/concept_segment" => self.concept(call),
            "/sam3/visual_segment" => self.visual(call),
            _ => self.segment(call),
        };
        answer.unwrap_or_else(|why| self.error(400, &why))
    }

    fn error(&self, status: u16, message: &str) -> Answer {
        refusal(status, message)
    }

    fn endless(&self) -> &'static str {
        r#"{"masks":[""#
    }
}
