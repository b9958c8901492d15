//! Recognises probes: pictures with one red rectangle on grey, by which a host finds out the units of a model's
//! coordinates.

use rescue_mask::{Mask, Rect};

use super::picture::Picture;
use crate::scene::bounds;

/// The red rectangle in pixels. `None` if the picture is not a probe.
pub(super) fn probe(picture: &Picture) -> Option<Rect> {
    let is_red = |[red, green, blue]: [u8; 3]| red > 170 && green < 90 && blue < 90;
    let is_grey = |pixel: [u8; 3]| {
        let (least, greatest) = pixel.iter().fold((255, 0), |(least, greatest), v| (least.min(*v), greatest.max(*v)));
        greatest - least <= 24
    };
    // A sample of the pixels rules out photos quickly.
    let (mut looked, mut plain) = (0_u32, 0_u32);
    for pixel in picture.pixels().step_by(97) {
        looked += 1;
        plain += u32::from(is_red(pixel) || is_grey(pixel));
    }
    if f64::from(plain) < 0.85 * f64::from(looked) {
        return None;
    }
    let pixels: Vec<[u8; 3]> = picture.pixels().collect();
    let red = Mask::from_slice(picture.size, &pixels, |pixel| is_red(*pixel)).ok()?;
    let grey = pixels.iter().filter(|pixel| is_grey(**pixel)).count() as f64;
    let area = f64::from(red.area());
    let rect = bounds(&red)?;
    // Between red and grey, a JPEG has some pixels that are neither.
    (area >= 0.9 * rect.area() && area + grey >= 0.9 * pixels.len() as f64 && grey > 0.0).then_some(rect)
}
