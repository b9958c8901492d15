//! The made-up executor: turns hypotheses into masks, and measures them as a real run does.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_core::Rect;
use rescue_mask::{CompactMask, Mask, Rle};

use super::random::Random;
use super::scene::Shape;
use super::world::World;
use crate::border::rescue::plugin::types::{Hypothesis, Prompt, Region};
use crate::measure::{Measured, measure};

impl World {
    /// Turns a hypothesis into a candidate. `earlier`: the masks of earlier candidates, by id. The error says why there is no mask.
    pub(crate) fn make(
        &self,
        hypothesis: Hypothesis,
        earlier: &BTreeMap<u32, Arc<CompactMask>>,
    ) -> Result<Measured, String> {
        let size = self.photo.size();
        let part = |region: &Region| match region {
            Region::Prompt(prompt) => self.segment(prompt),
            Region::Mask(runs) => {
                let rle = Rle::new(runs.size.into(), runs.counts.clone());
                Ok(rle.map_err(|error| error.to_string())?.to_mask())
            }
            Region::Candidate(id) => {
                earlier.get(id).map(|mask| mask.to_mask()).ok_or_else(|| format!("candidate {id} has no mask"))
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
        let belief = Random::new(self.seed, "belief", &hypothesis.id.to_le_bytes()).between(0.5, 1.0);
        measure(hypothesis, mask, prompted.then_some(belief))
    }

    /// The mask of a prompt. A box gives the ellipse in it, a point the disc around it, and a concept every thing whose name shares
    /// a word with it.
    fn segment(&self, prompt: &Prompt) -> Result<Mask, String> {
        let size = self.photo.size();
        if let Some(rect) = prompt.rect {
            let rect = Rect::from(rect).clip(size).ok_or("its box is empty or outside the image")?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::border::rescue::plugin::types::{self, Point, Rle as Runs};
    use crate::rehearsal::Rehearsal;
    use rescue_core::Size;

    fn prompt(concept: &str, rect: Option<[f64; 4]>, points: &[(f64, f64, bool)]) -> Region {
        Region::Prompt(Prompt {
            concept: concept.into(),
            rect: rect.map(|[x_min, y_min, x_max, y_max]| types::Rect { x_min, y_min, x_max, y_max }),
            points: points.iter().map(|&(x, y, inside)| Point { x, y, inside }).collect(),
        })
    }

    fn made(regions: Vec<Region>, without: Vec<Region>) -> Result<Measured, String> {
        let known = CompactMask::new(Mask::from_fn(Size::new(96, 64), |x, _| x < 2));
        let earlier = BTreeMap::from([(4, Arc::new(known))]);
        let hypothesis = Hypothesis {
            id: 5,
            label: "x".into(),
            regions,
            without,
            confidence: None,
            reasoning: String::new(),
            origin: String::new(),
            notes: Vec::new(),
        };
        Rehearsal::default().world().unwrap().make(hypothesis, &earlier)
    }

    #[test]
    fn every_kind_of_region_gives_a_mask() {
        let boxed = made(vec![prompt("", Some([10.0, 10.0, 30.0, 20.0]), &[])], vec![]).unwrap().candidate;
        assert_eq!(boxed.bounds, types::Rect { x_min: 10.0, y_min: 10.0, x_max: 30.0, y_max: 20.0 });
        assert!(boxed.predicted_iou.is_some() && boxed.area > 100 && boxed.area < 200);
        let ring = made(vec![prompt("", None, &[(40.0, 30.0, true), (44.0, 30.0, false)])], vec![]).unwrap();
        let ring = ring.mask.to_mask();
        assert!(!ring.get(44, 30) && ring.get(34, 30));
        assert!(made(vec![prompt("red thing", None, &[])], vec![]).is_ok());
        let known = made(vec![Region::Candidate(4)], vec![]).unwrap().candidate;
        assert_eq!((known.area, known.predicted_iou), (128, None));
        let size = types::Size { width: 96, height: 64 };
        let runs = Region::Mask(Runs { size, counts: vec![0, 64, 95 * 64] });
        assert_eq!(made(vec![Region::Candidate(4)], vec![runs]).unwrap().candidate.area, 64);
    }

    #[test]
    fn a_hypothesis_without_a_mask_is_an_error() {
        for (regions, without, why) in [
            (vec![prompt("", Some([200.0, 0.0, 300.0, 9.0]), &[])], vec![], "outside the image"),
            (vec![prompt("zebra", None, &[])], vec![], "its mask is empty"),
            (vec![Region::Candidate(4)], vec![Region::Candidate(4)], "its mask is empty"),
            (vec![Region::Candidate(9)], vec![], "candidate 9 has no mask"),
        ] {
            let lost = made(regions, without).unwrap_err();
            assert!(lost.contains(why), "{lost}");
        }
    }
}
