//! Finds the objects of a picture that a prompt means.

use rescue_mask::{Mask, Rect, Size};

use crate::scene::named;
use crate::vision::{Analyser, Analysis};

/// The least IoU of a box with an object's bounds at which the box means the object.
const LEAST_IOU: f64 = 0.2;

/// How far outside of a box the object's mask may reach, as a share of the box's sides.
const AROUND: f64 = 0.2;

/// A mask that was found, of the picture's size, with its score.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) mask: Mask,
    /// 0 to 1.
    pub(super) score: f64,
}

impl Found {
    pub(super) fn nothing(size: Size) -> Self {
        Self { mask: Mask::new(size), score: 0.0 }
    }
}

/// The objects on a picture, with masks of the picture's size.
pub(super) struct Objects<'a> {
    analyser: &'a Analyser,
    pub(super) size: Size,
    scene: Option<usize>,
    masks: Vec<Mask>,
}

impl<'a> Objects<'a> {
    /// The objects of the photo if the picture shows a known photo and nothing else; no objects otherwise.
    pub(super) fn new(analyser: &'a Analyser, analysis: &Analysis) -> Self {
        let view = analysis.views.first().filter(|view| view.region.size() == analysis.size);
        let scene = view.map(|view| view.scene);
        let masks = scene.map(|scene| analyser.masks(scene, analysis.size)).unwrap_or_default();
        Self { analyser, size: analysis.size, scene, masks }
    }

    /// The object that a box in pixels means.
    pub(super) fn in_box(&self, rect: Rect) -> Found {
        let Some(rect) = rect.clip(self.size) else { return Found::nothing(self.size) };
        let ious = self.masks.iter().map(|mask| (bounds(mask).iou(rect), mask));
        match ious.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(iou, _)| *iou >= LEAST_IOU) {
            Some((iou, mask)) => {
                let (right, down) = ((rect.x_max - rect.x_min) * AROUND, (rect.y_max - rect.y_min) * AROUND);
                let wide = Rect {
                    x_min: rect.x_min - right,
                    y_min: rect.y_min - down,
                    x_max: rect.x_max + right,
                    y_max: rect.y_max + down,
                };
                let mut mask = mask.clone();
                // This cannot fail: both masks have the picture's size.
                let _ = mask.intersect_with(&Mask::from_rect(self.size, wide));
                Found { mask, score: 0.5 + iou / 2.0 }
            }
            None => Found { mask: ellipse(self.size, rect), score: 0.3 },
        }
    }

    /// The object on which a point in pixels lies.
    pub(super) fn at_point(&self, x: f64, y: f64) -> Found {
        let on = |mask: &&Mask| x >= 0.0 && y >= 0.0 && mask.get(x as u32, y as u32);
        self.masks
            .iter()
            .find(on)
            .map_or_else(|| Found::nothing(self.size), |mask| Found { mask: mask.clone(), score: 0.9 })
    }

    /// All objects that a phrase names.
    pub(super) fn of_name(&self, phrase: &str) -> Vec<Found> {
        let scene = self.scene.and_then(|scene| self.analyser.scenes.get(scene));
        let indices = scene.map(|scene| named(scene, phrase)).unwrap_or_default();
        let found = indices.into_iter().filter_map(|index| self.masks.get(index));
        found.map(|mask| Found { mask: mask.clone(), score: 0.9 }).collect()
    }

    /// All objects that have the name of the object in a box: what an exemplar finds.
    pub(super) fn like(&self, rect: Rect) -> Vec<Found> {
        let ious = self.masks.iter().enumerate().map(|(index, mask)| (bounds(mask).iou(rect), index));
        let best = ious.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(iou, _)| *iou >= LEAST_IOU);
        let scene = self.scene.and_then(|scene| self.analyser.scenes.get(scene));
        let name = best.and_then(|(_, index)| scene?.objects.get(index)).map(|object| object.name.clone());
        name.map(|name| self.of_name(&name)).unwrap_or_default()
    }
}

/// The bounds in pixels; 0 0 0 0 if the mask is empty.
pub(super) fn bounds(mask: &Mask) -> Rect {
    crate::scene::bounds(mask).unwrap_or(Rect { x_min: 0.0, y_min: 0.0, x_max: 0.0, y_max: 0.0 })
}

fn ellipse(size: Size, rect: Rect) -> Mask {
    let (x, y) = (f64::midpoint(rect.x_min, rect.x_max), f64::midpoint(rect.y_min, rect.y_max));
    let (width, height) = ((rect.x_max - rect.x_min) / 2.0, (rect.y_max - rect.y_min) / 2.0);
    Mask::from_fn(size, |column, row| {
        let (dx, dy) = ((f64::from(column) + 0.5 - x) / width, (f64::from(row) + 0.5 - y) / height);
        dx * dx + dy * dy <= 1.0
    })
}
