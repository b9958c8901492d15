//! The executor: SAM behind the original system's contract and behind Roboflow's.
//!
//! `POST /api/v1/image/segment` answers one mask a prompt: all text prompts in their order first, then all boxes, then all
//! points, as the original does. `/sam3/visual_segment` answers one mask a prompt in the prompts' order,
//! `/sam3/concept_segment` all instances of each prompt.
//!
//! - A box finds the object whose bounds have the best IoU with it, as far as it lies within a fifth of the box around the box.
//!   Where no object's bounds have an IoU of .2, there is the ellipse that fills the box, with a low score.
//! - A point finds the object it lies on, else nothing.
//! - A text finds the object or objects of that name; the original contract has room for the first of them only.
//! - What was not found is an empty mask with score 0, the box 0 0 0 0.

mod original;
mod polygon;
mod prompt;
mod roboflow;

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::config::MaskFile;
use crate::limits::MAX_SEEN;
use crate::lru::Lru;
use crate::see::{Eye, Sight};
use crate::serve::{Answer, Call, Model, Note, Stats, picture_bytes, refusal};

/// SAM 3.
pub(crate) struct SamModel {
    eye: Arc<Eye>,
    mask_file: MaskFile,
    /// What `/sam3/embed_image` was told, by `image_id`.
    embedded: Mutex<Lru<String, Arc<Sight>>>,
}

impl SamModel {
    pub(crate) fn new(mask_file: MaskFile, eye: Arc<Eye>) -> Self {
        Self { eye, mask_file, embedded: Mutex::new(Lru::new(MAX_SEEN)) }
    }

    /// Looks at a picture in base64.
    fn look(&self, base64: &str, call: &mut Call<'_>) -> Result<Arc<Sight>, String> {
        let sight = self.eye.look(&picture_bytes(base64)?)?;
        call.notes.push(Note::ImageByBytes);
        if sight.views.is_empty() {
            call.notes.push(Note::Unrecognised);
        }
        Ok(sight)
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
