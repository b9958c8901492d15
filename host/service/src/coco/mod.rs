//! The embedded detector: SSDLite on MobileNetV2, which knows the 80 kinds of things in COCO.

mod boxes;
mod convert;
mod graph;
mod labels;

use std::sync::Arc;

use rescue_core::{Detection, Digest, Photo, Size};
use rten::ThreadPool;
use rten_tensor::NdTensor;

use crate::models::{COCO_SSD, Models};
use crate::network::Network;
use crate::recent::Recent;
use crate::resize::{planes, resized};
use crate::{BoxFuture, Detector, ModelId, ServiceError};

/// What errors call it.
const SERVICE: &str = "The embedded detector";

/// The network's input: the photo, resized whole to 300 × 300.
const INPUT: &str = "Preprocessor/sub";
/// Its side in pixels.
const SIDE: u32 = 300;
/// The boxes, relative to their anchors: 1 × 1917 × 1 × 4.
const BOXES: &str = "concat";
/// How sure the network is of each kind, from 0 to 1: 1 × 1917 × 91.
const SCORES: &str = "Postprocessor/convert_scores";
/// The anchors: 1 × 1917 × 4.
const ANCHORS: &str = "Postprocessor/ExpandDims";

/// Finds the 80 kinds of things in COCO. Its network is loaded when it is first needed, and what was found in the last photos is
/// kept.
pub struct EmbeddedDetector {
    models: Models,
    model: ModelId,
    threads: Option<Arc<ThreadPool>>,
    loaded: Recent<(), Loaded>,
    found: Recent<(Digest, Size), Vec<Detection>>,
}

struct Loaded {
    network: Network,
    anchors: Vec<f32>,
}

impl EmbeddedDetector {
    /// The detector that these files make up.
    pub fn new(models: &Models) -> Self {
        let model = ModelId { name: format!("coco-ssd ({})", COCO_SSD.spec()), revision: COCO_SSD.revision() };
        Self { models: models.clone(), model, threads: None, loaded: Recent::new(1), found: Recent::new(2) }
    }

    /// Computes on so many threads, instead of one for each core. The answers are the same.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(Arc::new(ThreadPool::with_num_threads(threads)));
        self
    }

    /// The kinds of things that it knows.
    pub fn labels() -> impl Iterator<Item = &'static str> {
        labels::LABELS.iter().map(|(_, label)| *label)
    }

    /// Everything that it finds in the photo.
    fn all(&self, photo: &Photo) -> Result<Arc<Vec<Detection>>, ServiceError> {
        self.found.get((photo.digest(), photo.size()), || {
            let loaded = self.loaded.get((), || self.load())?;
            let side = Size::new(SIDE, SIDE);
            let rgb = resized(photo, side).map_err(|error| {
                ServiceError::failed(SERVICE, format!("the photo cannot be resized: {error}"), "Use another photo.")
            })?;
            let input = NdTensor::from_data([1, 3, 300, 300], planes(&rgb, side, side, [127.5; 3], [127.5; 3]));
            let [boxes, scores] =
                loaded.network.run(vec![(INPUT, input.into())], [BOXES, SCORES], self.threads.as_ref())?;
            let floats = |value: rten::Value| {
                let floats = value.into_tensor::<f32>().map(|tensor| tensor.into_data());
                floats.ok_or_else(|| ServiceError::bug(SERVICE, "its outputs are not floats"))
            };
            Ok(boxes::detections(&floats(boxes)?, &floats(scores)?, &loaded.anchors, photo.size()))
        })
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

    /// Takes a label of COCO or its plural, with or without an article. An empty phrase stands for all that it knows.
    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<Vec<Detection>, ServiceError>> {
        Box::pin(async move {
            if phrase.trim().is_empty() {
                return Ok(self.all(photo)?.to_vec());
            }
            let Some(label) = labels::named(phrase) else {
                let known = Self::labels().collect::<Vec<_>>().join(", ");
                let message = format!("The embedded detector does not know \"{phrase}\"; it knows: {known}.");
                return Err(ServiceError::Unsupported { message });
            };
            Ok(self.all(photo)?.iter().filter(|found| found.label == label).cloned().collect())
        })
    }
}
