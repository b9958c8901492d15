//! The embedded detector: SSDLite on MobileNetV2, which detects the 80 object classes of COCO.

mod boxes;
mod convert;
#[cfg(test)]
mod convert_tests;
mod graph;
mod labels;

use std::sync::Arc;

use rescue_core::{Detection, Digest, Photo, Size};
use rten::ThreadPool;
use rten_tensor::NdTensor;

use crate::entry::Source;
use crate::lru::LruCache;
use crate::models::{COCO_SSD, Models};
use crate::network::Network;
use crate::resize::{planes, resized_as_trained};
use crate::{AskError, BoxFuture, Detected, Detector, ModelId, ServiceError};

/// The detector's name in errors.
const SERVICE: &str = "The embedded detector";

/// The network's input: the whole photo, resized to 300 × 300.
const INPUT: &str = "Preprocessor/sub";
/// The side of the network's input in pixels.
const SIDE: u32 = 300;
/// The longer side of the photos that the network was trained on, in pixels.
const TRAINED_ON: u32 = 640;
/// The boxes relative to their anchors, of shape 1 × 1917 × 1 × 4.
const BOXES: &str = "concat";
/// The scores of each box's classes, from 0 to 1, of shape 1 × 1917 × 91.
const SCORES: &str = "Postprocessor/convert_scores";
/// The anchors, of shape 1 × 1917 × 4.
const ANCHORS: &str = "Postprocessor/ExpandDims";

/// A detector of the 80 object classes of COCO. Its network is loaded on first use. The detections in the last two photos are cached.
pub struct EmbeddedDetector {
    models: Models,
    model: ModelId,
    threads: Option<Arc<ThreadPool>>,
    loaded: LruCache<(), Loaded>,
    detections: LruCache<(Digest, Size), Vec<Detection>>,
}

struct Loaded {
    network: Network,
    anchors: Vec<f32>,
}

impl Loaded {
    /// Computes boxes and scores from an input of 3 × 300 × 300 numbers from −1 to 1.
    fn run(&self, planes: Vec<f32>, threads: Option<&Arc<ThreadPool>>) -> Result<(Vec<f32>, Vec<f32>), ServiceError> {
        let input = NdTensor::from_data([1, 3, SIDE as usize, SIDE as usize], planes);
        let [boxes, scores] = self.network.run(vec![(INPUT, input.into())], [BOXES, SCORES], threads)?;
        Ok((self.network.floats(boxes)?, self.network.floats(scores)?))
    }
}

impl EmbeddedDetector {
    /// The model's identity. It needs no model files.
    pub fn identity() -> ModelId {
        let revision = format!("{}, scores from {}", COCO_SSD.revision(), boxes::MIN_SCORE);
        ModelId { name: format!("coco-ssd ({})", COCO_SSD.spec()), revision }
    }

    /// A detector that runs the network in these files.
    pub fn new(models: &Models) -> Self {
        Self {
            models: models.clone(),
            model: Self::identity(),
            threads: None,
            loaded: LruCache::new(1),
            detections: LruCache::new(2),
        }
    }

    /// Sets the number of threads to compute on, instead of one for each core. It does not change answers.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(Arc::new(ThreadPool::with_num_threads(threads)));
        self
    }

    /// The labels of all classes, without the names of groups.
    pub fn labels() -> impl Iterator<Item = &'static str> {
        labels::LABELS.iter().map(|(_, label)| *label)
    }

    /// The detections of all classes in the photo.
    fn all(&self, photo: &Photo) -> Result<Arc<Vec<Detection>>, ServiceError> {
        self.detections.get((photo.digest(), photo.size()), || {
            if photo.size().pixels() == 0 {
                return Ok(Vec::new());
            }
            let loaded = self.loaded.get((), || self.load())?;
            let side = Size::new(SIDE, SIDE);
            let rgb =
                resized_as_trained(photo, TRAINED_ON, side).map_err(|error| ServiceError::photo(SERVICE, error))?;
            let (boxes, scores) =
                loaded.run(planes(&rgb, side, side, [127.5; 3], [127.5; 3]), self.threads.as_ref())?;
            Ok(boxes::detections(&boxes, &scores, &loaded.anchors, photo.size()))
        })
    }

    /// The detections of the classes that the phrase names. The text of the inner error is part of the recorded answer.
    fn of_phrase(&self, photo: &Photo, phrase: &str) -> Result<Detected, ServiceError> {
        if phrase.trim().is_empty() {
            return Ok(Ok(self.all(photo)?.to_vec()));
        }
        let named = labels::named(phrase);
        if named.is_empty() {
            let known = Self::labels().collect::<Vec<_>>().join(", ");
            let groups = labels::GROUPS.map(|(name, _)| name).join(", ");
            return Ok(Err(format!(
                "The embedded detector does not know \"{phrase}\"; it knows: {known}; and these groups of them: {groups}."
            )));
        }
        let all = self.all(photo)?;
        Ok(Ok(all.iter().filter(|found| named.contains(&found.label.as_str())).cloned().collect()))
    }

    fn load(&self) -> Result<Loaded, ServiceError> {
        let mut files = COCO_SSD.files.iter().map(|file| self.models.read(&COCO_SSD, file));
        let json = files.next().unwrap_or_else(|| Ok(Vec::new()))?;
        let weights = files.collect::<Result<Vec<_>, _>>()?.concat();
        let bug = |error: String| ServiceError::bug(SERVICE, error);
        let graph = graph::Graph::read(&json, &weights).map_err(bug)?;
        let shape = [1, 3, SIDE as usize, SIDE as usize];
        let onnx = convert::convert(&graph, INPUT, shape, &[BOXES, SCORES]).map_err(bug)?;
        let (_, anchors) = graph.floats(ANCHORS).map_err(bug)?;
        Ok(Loaded { network: Network::load(SERVICE, onnx)?, anchors: anchors.to_vec() })
    }
}

impl Detector for EmbeddedDetector {
    fn model(&self) -> &ModelId {
        &self.model
    }

    /// The phrase may be a label of COCO, the name of a group such as "animal", or the plural of either, with or without an article.
    /// The detections of a group have the labels of their classes. An empty phrase stands for all classes.
    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<(Detected, Source), AskError>> {
        Box::pin(async move { Ok((self.of_phrase(photo, phrase)?, Source::default())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For some boxes: their number, and 4 coordinates and 2 scores (background and "person") that the original graph returns for
    /// the same input. They were computed with TensorFlow.js 4 on its plain JavaScript backend.
    const ORIGINAL: [(usize, [f32; 6]); 8] = [
        (0, [1.81188, 0.96384, -0.82823, -1.25411, 0.93720, 0.00260]),
        (1082, [-0.87316, -0.94130, -1.46923, -0.86136, 0.96886, 0.00140]),
        (1083, [0.88723, 1.45136, -1.16460, -1.95025, 0.97335, 0.00003]),
        (1500, [-0.15555, -1.92583, 0.47969, -2.66904, 0.96833, 0.00038]),
        (1700, [1.90466, 0.15464, -1.65853, -0.21829, 0.97773, 0.00001]),
        (1850, [1.37845, -1.31837, -1.63987, -1.51140, 0.97660, 0.00036]),
        (1890, [0.23577, 1.58253, 0.52464, -2.00948, 0.96227, 0.00058]),
        (1916, [-0.08337, -0.35853, -0.07708, -0.60965, 0.83341, 0.00038]),
    ];

    #[test]
    fn the_converted_network_gives_the_results_of_the_original() {
        let models = Models::locate(None, &mut |said| println!("{said}"))
            .unwrap_or_else(|error| panic!("This test needs the embedded models.\n{error}"));
        let loaded = EmbeddedDetector::new(&models).load().unwrap();
        let pattern = (0..3 * 300 * 300).map(|at| {
            let (channel, y, x) = (at / 90_000, at / 300 % 300, at % 300);
            ((x * (channel + 1) + y * 2) % 64) as f32 / 32.0 - 1.0
        });
        let (boxes, scores) = loaded.run(pattern.collect(), None).unwrap();
        assert_eq!((boxes.len(), scores.len(), loaded.anchors.len()), (1917 * 4, 1917 * 91, 1917 * 4));
        for (at, original) in ORIGINAL {
            let found = [&boxes[at * 4..][..4], &scores[at * 91..][..2]].concat();
            let near = found.iter().zip(original).all(|(found, original)| (found - original).abs() < 1e-4);
            assert!(near, "box {at}: {found:?}, but the original graph gives {original:?}");
        }
    }
}
