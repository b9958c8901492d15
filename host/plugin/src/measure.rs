//! Measures the mask of a hypothesis, which makes it a candidate.

use std::sync::Arc;

use rescue_core::Rect;
use rescue_mask::{CompactMask, Mask};

use crate::border::rescue::plugin::types::{Candidate, Hypothesis};

/// A candidate with its mask.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The candidate, with the bounds, area, coverage and components of the mask. `similarity` is `None` and `measures` is empty.
    pub candidate: Candidate,
    /// The mask; at least one pixel is inside.
    pub mask: Arc<CompactMask>,
    /// The hypothesis' reasoning.
    pub reasoning: String,
}

/// Measures a mask, and puts it together with its hypothesis. `predicted_iou` is the executor's estimate of the mask's IoU with
/// its object, 0 to 1, or `None` if no executor gave one.
///
/// # Errors
///
/// Returns "its mask is empty" if no pixel is inside: such a hypothesis is lost.
pub fn measure(hypothesis: Hypothesis, mask: Mask, predicted_iou: Option<f64>) -> Result<Measured, String> {
    let components = mask.components();
    let mask = CompactMask::new(mask);
    let bounds = mask.bounds().ok_or("its mask is empty")?;
    let area = mask.area();
    let candidate = Candidate {
        id: hypothesis.id,
        label: hypothesis.label,
        origin: hypothesis.origin,
        confidence: hypothesis.confidence,
        notes: hypothesis.notes,
        bounds: Rect::from(bounds).into(),
        area,
        coverage: f64::from(area) / mask.size().pixels() as f64,
        components,
        predicted_iou,
        similarity: None,
        measures: Vec::new(),
    };
    Ok(Measured { candidate, mask: Arc::new(mask), reasoning: hypothesis.reasoning })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rescue_core::Size;

    #[test]
    fn a_mask_is_measured_and_an_empty_one_is_an_error() {
        let hypothesis = Hypothesis {
            id: 3,
            label: "dog".into(),
            regions: Vec::new(),
            without: Vec::new(),
            confidence: None,
            reasoning: "it barks".into(),
            origin: String::new(),
            notes: Vec::new(),
        };
        let size = Size::new(8, 4);
        assert_eq!(measure(hypothesis.clone(), Mask::new(size), None).unwrap_err(), "its mask is empty");
        let two = Mask::from_fn(size, |x, y| y == 1 && (x == 2 || x == 6));
        let Measured { candidate, reasoning, .. } = measure(hypothesis, two, Some(0.5)).unwrap();
        assert_eq!(Rect::from(candidate.bounds), Rect { x_min: 2.0, y_min: 1.0, x_max: 7.0, y_max: 2.0 });
        assert_eq!((candidate.area, candidate.components, candidate.coverage), (2, 2, 0.0625));
        assert_eq!((candidate.predicted_iou, candidate.similarity), (Some(0.5), None));
        assert_eq!((candidate.id, reasoning.as_str()), (3, "it barks"));
    }
}
