//! Reads the mask that was marked on a photo off the difference between the picture and the photo.
//!
//! This is made for red overlays of any opacity. Outlines, boxes, cutouts and darkened surroundings are read roughly.

use rescue_mask::Mask;

use super::picture::Picture;

const RED: [f32; 3] = [255.0, 0.0, 0.0];

/// A pixel with a smaller share of red was not marked; JPEG and resizing leave such shares.
const LEAST: f32 = 0.15;

/// An overlay of less opacity is taken for noise along edges.
const FAINTEST: f32 = 0.22;

/// The least share of a picture's pixels that a mark has.
const FEWEST: f64 = 1.0e-4;

/// The least opacity of lines. They are drawn opaque; JPEG leaves at least this much of thin ones.
const LINE: f32 = 0.55;

/// The share of the colour `to` in `seen`, which is `own` mixed with it, and the distance of `seen` from any such
/// mixture.
pub(super) fn mixture(seen: [f32; 3], own: [f32; 3], to: [f32; 3]) -> (f32, f32) {
    let (mut along, mut way, mut off) = (0.0, 0.0, 0.0);
    for ((seen, own), to) in seen.into_iter().zip(own).zip(to) {
        along += (seen - own) * (to - own);
        way += (to - own) * (to - own);
        off += (seen - own) * (seen - own);
    }
    let way = way.max(1.0);
    (along / way, (off - along * along / way).max(0.0).sqrt())
}

/// The mask that was marked; empty if nothing was. `seen` is the picture, `own` the photo; both have the same size.
pub(super) fn marked(seen: &Picture, own: &Picture) -> Mask {
    let (mut reds, mut fine, mut light) = (Vec::new(), Vec::new(), Vec::new());
    let (mut red, mut dark) = (Vec::new(), Vec::new());
    for (seen, own) in seen.pixels().zip(own.pixels()) {
        let (seen, own) = (seen.map(f32::from), own.map(f32::from));
        let (share, off) = mixture(seen, own, RED);
        // A pixel far from any mixture with red is a label, or an edge that was resized differently.
        let share = if off <= 30.0 + 60.0 * share { share } else { 0.0 };
        let left = brightness(seen) / brightness(own).max(1.0);
        reds.push(share);
        fine.push(by_luma(seen, own));
        light.push(left);
        if share > LEAST {
            red.push(share);
        }
        if darker(seen, own) {
            dark.push(left);
        }
    }
    let fewest = (own.size.pixels() as f64 * FEWEST).max(8.0) as usize;
    let of = |values: &[f32], inside: &dyn Fn(f32) -> bool| {
        Mask::from_slice(own.size, values, |value| inside(*value)).unwrap_or_else(|_| Mask::new(own.size))
    };
    if dark.len() > 2 * red.len() && dark.len() > 20 * fewest {
        let edge = f32::midpoint(1.0, median(dark));
        return of(&light, &|light| light >= edge);
    }
    if red.len() < fewest {
        return Mask::new(own.size);
    }
    let opacity = median(red);
    if opacity < FAINTEST {
        return Mask::new(own.size);
    }
    // JPEG stores colours at half the resolution of brightness, so brightness decides with them along edges.
    for (share, fine) in reds.iter_mut().zip(&fine) {
        if let Some(fine) = fine
            && (opacity * 0.2..opacity * 0.8).contains(share)
        {
            *share = f32::midpoint(*share, fine.clamp(0.0, opacity));
        }
    }
    let mask = of(&reds, &|share| share >= opacity / 2.0);
    if opacity > LINE { unlined(mask) } else { mask }
}

/// The area that a line goes around. A mask that is no line stays as it is.
fn unlined(mask: Mask) -> Mask {
    let filled = mask.filled();
    if f64::from(filled.area()) < 1.5 * f64::from(mask.area()) {
        return mask;
    }
    // Lines are drawn half inside and half outside. Their width is 1/300 of the longer side, at least two pixels.
    let size = mask.size();
    filled.shrunk((size.width.max(size.height) / 300).max(2) / 2)
}

/// The share of red by luma alone (BT.601, as in JPEG). `None` if the luma of red and of the photo are about the same.
fn by_luma(seen: [f32; 3], own: [f32; 3]) -> Option<f32> {
    let luma = |[red, green, blue]: [f32; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
    let way = luma(RED) - luma(own);
    (way.abs() >= 15.0).then(|| (luma(seen) - luma(own)) / way)
}

fn brightness([red, green, blue]: [f32; 3]) -> f32 {
    red + green + blue
}

/// Whether a pixel became darker in every channel.
fn darker(seen: [f32; 3], own: [f32; 3]) -> bool {
    seen.into_iter().zip(own).all(|(seen, own)| seen <= own * 0.8 + 8.0) && brightness(seen) < brightness(own) * 0.8
}

/// The median; 0 if there are no values.
fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f32::total_cmp).1 }
}
