//! Hypotheses become masks, and masks are measured, as a host does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_core::{Rect, Size};
use rescue_mask::{Bounds, Mask, Rle};

use super::dice::Dice;
use super::scene::Shape;
use super::world::World;
use crate::border::rescue::plugin::types::{self, Candidate, Hypothesis, Prompt, Region};

/// A candidate and its mask.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) candidate: Candidate,
    pub(crate) mask: Arc<Mask>,
    pub(crate) reasoning: String,
}

impl World {
    /// The candidate that a hypothesis becomes, or why there is none. `earlier`: the masks of candidates made before.
    pub(crate) fn make(&self, hypothesis: Hypothesis, earlier: &BTreeMap<u32, Arc<Mask>>) -> Result<Made, String> {
        let size = self.photo.size();
        let part = |region: &Region| match region {
            Region::Prompt(prompt) => self.segment(prompt),
            Region::Mask(runs) => {
                let rle = Rle::new(Size::new(runs.size.width, runs.size.height), runs.counts.clone());
                Ok(rle.map_err(|error| error.to_string())?.to_mask())
            }
            Region::Candidate(id) => {
                earlier.get(id).map(|mask| Mask::clone(mask)).ok_or_else(|| format!("candidate {id} has no mask"))
            }
        };
        let mut mask = Mask::new(size);
        for region in &hypothesis.regions {
            mask.union_with(&part(region)?).map_err(|error| error.to_string())?;
        }
        for region in &hypothesis.without {
            mask.subtract(&part(region)?).map_err(|error| error.to_string())?;
        }
        let prompted = hypothesis.regions.iter().any(|region| matches!(region, Region::Prompt(_)));
        let belief = Dice::new(self.seed, "belief", &hypothesis.id.to_le_bytes()).between(0.5, 1.0);
        measure(hypothesis, mask, prompted.then_some(belief))
    }

    /// A box holds an ellipse, a point the disc around it, a concept every thing of whose name it has a word.
    fn segment(&self, prompt: &Prompt) -> Result<Mask, String> {
        let size = self.photo.size();
        if let Some(rect) = &prompt.rect {
            let rect = Rect { x_min: rect.x_min, y_min: rect.y_min, x_max: rect.x_max, y_max: rect.y_max };
            let rect = rect.clip(size).ok_or("its box is empty or outside the image")?;
            return Ok(Shape { rect, round: true }.mask(size));
        }
        let mut mask = Mask::new(size);
        if prompt.points.is_empty() {
            for thing in self.things.iter().filter(|thing| named(&thing.name, &prompt.concept)) {
                mask.union_with(&thing.shape.mask(size)).map_err(|error| error.to_string())?;
            }
            return Ok(mask);
        }
        let radius = f64::from(size.width.min(size.height)) / 8.0;
        for inside in [true, false] {
            for point in prompt.points.iter().filter(|point| point.inside == inside) {
                let (x, y) = (point.x, point.y);
                let rect = Rect { x_min: x - radius, y_min: y - radius, x_max: x + radius, y_max: y + radius };
                let disc = Shape { rect, round: true }.mask(size);
                let done = if inside { mask.union_with(&disc) } else { mask.subtract(&disc) };
                done.map_err(|error| error.to_string())?;
            }
        }
        Ok(mask)
    }
}

/// Whether a phrase and a name have a word in common.
fn named(name: &str, phrase: &str) -> bool {
    phrase.split_whitespace().any(|word| name.split(' ').any(|other| other == word))
}

/// A hypothesis with its mask; one that is empty is lost.
pub(crate) fn measure(hypothesis: Hypothesis, mask: Mask, predicted_iou: Option<f64>) -> Result<Made, String> {
    let Some(Bounds { x_min, y_min, x_max, y_max }) = mask.bounds() else { return Err("its mask is empty".into()) };
    let area = mask.area();
    let candidate = Candidate {
        id: hypothesis.id,
        label: hypothesis.label,
        origin: hypothesis.origin,
        confidence: hypothesis.confidence,
        notes: hypothesis.notes,
        bounds: types::Rect { x_min: x_min.into(), y_min: y_min.into(), x_max: x_max.into(), y_max: y_max.into() },
        area,
        coverage: f64::from(area) / mask.size().pixels() as f64,
        components: mask.components(),
        predicted_iou,
        similarity: None,
        measures: Vec::new(),
    };
    Ok(Made { candidate, mask: Arc::new(mask), reasoning: hypothesis.reasoning })
}
