//! Measures the mask of a hypothesis.

use rescue_mask::Mask;

use crate::border::rescue::plugin::types::{Candidate, Hypothesis, Rect};

/// The candidate that a hypothesis becomes with this mask: its bounds in pixels, its area in pixels, its share of the image (0 to 1)
/// and its connected components. `predicted_iou` is the executor's; similarity and further measures are left out.
///
/// # Errors
///
/// Returns why the hypothesis is lost if the mask is empty.
pub fn measure(hypothesis: Hypothesis, mask: &Mask, predicted_iou: Option<f64>) -> Result<Candidate, String> {
    let bounds = mask.bounds().ok_or("its mask is empty")?;
    let area = mask.area();
    Ok(Candidate {
        id: hypothesis.id,
        label: hypothesis.label,
        origin: hypothesis.origin,
        confidence: hypothesis.confidence,
        notes: hypothesis.notes,
        bounds: Rect {
            x_min: bounds.x_min.into(),
            y_min: bounds.y_min.into(),
            x_max: bounds.x_max.into(),
            y_max: bounds.y_max.into(),
        },
        area,
        coverage: f64::from(area) / mask.size().pixels() as f64,
        components: mask.components(),
        predicted_iou,
        similarity: None,
        measures: Vec::new(),
    })
}
