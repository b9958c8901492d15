//! A detector that uses an executor's concept prompts.

use std::sync::Arc;

use rescue_core::{Detection, Photo, Prompt};

use crate::entry::Source;
use crate::error::AskError;
use crate::range::clamped;
use crate::traits::{BoxFuture, Detected, Detector, Executor, ModelId};

/// A detector that gives each phrase to an executor as a concept prompt. It finds at most one box for a phrase, around everything
/// that the executor found, as the executor's contract returns one mask for a prompt.
pub struct ThroughExecutor {
    executor: Arc<dyn Executor>,
}

impl ThroughExecutor {
    /// A detector that uses this executor.
    pub fn new(executor: Arc<dyn Executor>) -> Self {
        Self { executor }
    }

    async fn detections(&self, photo: &Photo, phrase: &str) -> Result<(Detected, Source), AskError> {
        if phrase.trim().is_empty() {
            return Ok((Err("this detector wants a phrase".into()), Source::default()));
        }
        let prompt = Prompt { concept: phrase.to_owned(), rect: None, points: Vec::new() };
        let (answers, source) = self.executor.segment(photo, &[prompt]).await?;
        let mut found = Vec::new();
        for answer in answers {
            let Ok(segment) = answer.map_err(|bad| AskError::Breach { cause: bad.why })? else { continue };
            let (Some(bounds), Some(score)) = (segment.mask.bounds(), segment.predicted_iou) else {
                return Ok((Err("this executor does not say where, or how sure it is".into()), source));
            };
            let score = clamped(score, 1.0).0;
            found.push(Detection { rect: bounds.into(), label: phrase.to_owned(), score });
        }
        Ok((Ok(found), source))
    }
}

impl Detector for ThroughExecutor {
    fn model(&self) -> &ModelId {
        self.executor.model()
    }

    fn detect<'a>(&'a self, photo: &'a Photo, phrase: &'a str) -> BoxFuture<'a, Result<(Detected, Source), AskError>> {
        Box::pin(self.detections(photo, phrase))
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use rescue_core::{Digest, Rect, Size};
    use rescue_mask::Mask;

    use super::*;
    use crate::traits::{Items, Segment, Segmented};

    const SIZE: Size = Size::new(20, 10);
    const RECT: Rect = Rect { x_min: 4.0, y_min: 2.0, x_max: 9.0, y_max: 7.0 };

    /// An executor that finds the concept "dog" with this score, and answers without waiting.
    struct Dogs(ModelId, Option<f64>);

    impl Executor for Dogs {
        fn model(&self) -> &ModelId {
            &self.0
        }

        fn segment<'a>(
            &'a self,
            _: &'a Photo,
            prompts: &'a [Prompt],
        ) -> BoxFuture<'a, Result<(Items<Segmented>, Source), AskError>> {
            let found = |prompt: &Prompt| match prompt.concept.as_str() {
                "dog" => Ok(Segment { mask: Mask::from_rect(SIZE, RECT), predicted_iou: self.1 }),
                other => Err(format!("no {other}")),
            };
            let answers = prompts.iter().map(found).map(Ok).collect();
            Box::pin(async move { Ok((answers, Source::default())) })
        }
    }

    fn detected(phrase: &str, score: Option<f64>) -> Detected {
        let model = ModelId { name: "dogs".into(), revision: String::new() };
        let detector = ThroughExecutor::new(Arc::new(Dogs(model, score)));
        let photo = Photo::new(SIZE, vec![0; 600], Digest::of(b"x")).unwrap();
        let mut future = detector.detect(&photo, phrase);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.unwrap().0,
            Poll::Pending => panic!("the detector waits"),
        }
    }

    #[test]
    fn a_phrase_becomes_a_concept_and_no_score_is_made_up() {
        let found = detected("dog", Some(0.7)).unwrap();
        assert_eq!(found, [Detection { rect: RECT, label: "dog".into(), score: 0.7 }]);
        assert_eq!(detected("cat", Some(0.7)), Ok(Vec::new()));
        assert!(detected("dog", None).unwrap_err().contains("how sure"));
        assert!(detected(" ", Some(0.7)).is_err());
    }
}
