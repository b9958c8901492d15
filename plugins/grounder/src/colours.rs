//! Colours inside boxes.

use rescue_phrase::{BodyRegion, Colour, Shade};
use rescue_plugin_sdk::{Look, Raster, Rect};

/// The longer side of the picture of a box, in pixels.
const MAX_SIDE: u32 = 64;

/// A part of a box: left, top, right and bottom, as shares of the width and height.
pub type Part = [f64; 4];

/// The central part of an object's box, without its rim, which shows the background.
pub const CENTRE: Part = [0.15, 0.15, 0.85, 0.85];

/// The part of a person's box where something is worn.
#[must_use]
pub const fn worn(region: BodyRegion) -> Part {
    match region {
        BodyRegion::Head => [0.2, 0.0, 0.8, 0.25],
        BodyRegion::Upper => [0.15, 0.15, 0.85, 0.6],
        BodyRegion::Lower => [0.15, 0.5, 0.85, 1.0],
        BodyRegion::Whole => [0.15, 0.1, 0.85, 0.9],
    }
}

/// The pixels of a box; `None` if the host cannot give them.
pub fn picture(look: &impl Look, rect: Rect) -> Option<Raster> {
    look.pixels(rect, MAX_SIDE).ok()
}

/// The share of a part that has this colour and shade, from 0 to 1. `None` stands for any colour or any shade.
#[must_use]
pub fn share(picture: &Raster, part: Part, colour: Option<Colour>, shade: Option<Shade>) -> f64 {
    let [left, top, right, bottom] = part;
    let (width, height) = (picture.size.width.max(1), picture.size.height.max(1));
    let (mut all, mut sum) = (0.0, 0.0);
    for (index, pixel) in (0_u32..).zip(picture.colours()) {
        let x = (f64::from(index % width) + 0.5) / f64::from(width);
        let y = (f64::from(index / width) + 0.5) / f64::from(height);
        if (left..right).contains(&x) && (top..bottom).contains(&y) {
            all += 1.0;
            sum += colour.map_or(1.0, |colour| colour.fit(pixel)) * shade.map_or(1.0, |shade| shade.fit(pixel));
        }
    }
    if all > 0.0 { sum / all } else { 0.0 }
}
