//! The made-up photo: a few coloured shapes on a background.

use std::sync::Arc;

use rescue_core::{Digest, Photo, Rect, Size};
use rescue_mask::Mask;

use super::random::Random;

/// The most pixels of a made-up photo.
const MOST_PIXELS: u64 = 1 << 26;

/// The colours of the shapes, one shape each.
const COLOURS: [(&str, [u8; 3]); 5] = [
    ("red", [200, 40, 40]),
    ("blue", [40, 80, 200]),
    ("green", [40, 150, 60]),
    ("yellow", [220, 200, 50]),
    ("white", [235, 235, 235]),
];

/// A thing on the photo.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    /// Its name, such as "red ball".
    pub(crate) name: String,
    pub(crate) shape: Shape,
    colour: [u8; 3],
}

/// A box, or the ellipse in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) rect: Rect,
    pub(crate) round: bool,
}

impl Shape {
    /// Whether the centre of a pixel is inside.
    fn holds(&self, x: u32, y: u32) -> bool {
        let Rect { x_min, y_min, x_max, y_max } = self.rect;
        // The centre's position in the box, from −1 at one edge to 1 at the other.
        let across = |at: u32, low: f64, high: f64| (2.0 * (f64::from(at) + 0.5) - low - high) / (high - low);
        let (x, y) = (across(x, x_min, x_max), across(y, y_min, y_max));
        if self.round { x * x + y * y < 1.0 } else { (-1.0..1.0).contains(&x) && (-1.0..1.0).contains(&y) }
    }

    /// The pixels inside, in an image of this size.
    pub(crate) fn mask(&self, size: Size) -> Mask {
        Mask::from_fn(size, |x, y| self.holds(x, y))
    }

    /// The same shape with each edge moved randomly, by up to `share` of the box's width or height.
    pub(crate) fn jittered(&self, share: f64, random: &mut Random) -> Self {
        let Rect { x_min, y_min, x_max, y_max } = self.rect;
        let mut moved = |edge: f64, side: f64| edge + side * random.between(-share, share);
        let rect = Rect {
            x_min: moved(x_min, x_max - x_min),
            y_min: moved(y_min, y_max - y_min),
            x_max: moved(x_max, x_max - x_min),
            y_max: moved(y_max, y_max - y_min),
        };
        Self { rect, ..*self }
    }
}

/// The things on a photo of this size, from back to front.
pub(crate) fn things(seed: u64, size: Size) -> Vec<Thing> {
    let mut random = Random::new(seed, "things", &[]);
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let things = COLOURS.iter().map(|(colour, rgb)| {
        let (w, h) = (width * random.between(0.15, 0.4), height * random.between(0.2, 0.5));
        let (x, y) = (random.between(0.0, width - w), random.between(0.0, height - h));
        let round = random.below(2) == 0;
        let rect = Rect { x_min: x, y_min: y, x_max: x + w, y_max: y + h };
        let name = format!("{colour} {}", if round { "ball" } else { "box" });
        Thing { name, shape: Shape { rect, round }, colour: *rgb }
    });
    things.collect()
}

/// Draws the photo of these things. Its digest is that of its pixels. Fails if it would have more than [`MOST_PIXELS`].
pub(crate) fn photo(things: &[Thing], size: Size) -> Result<Arc<Photo>, String> {
    let large = || format!("it would have {size} pixels; at most {MOST_PIXELS} in all are drawn");
    if size.pixels() > MOST_PIXELS {
        return Err(large());
    }
    let mut rgb = Vec::new();
    for y in 0..size.height {
        // The background gets lighter from top to bottom.
        let light = (u64::from(y) * 60 / u64::from(size.height)) as u8;
        for x in 0..size.width {
            let on_top = things.iter().rev().find(|thing| thing.shape.holds(x, y));
            rgb.extend(on_top.map_or([90 + light, 95 + light, 80 + light], |thing| thing.colour));
        }
    }
    let digest = Digest::of(&rgb);
    Photo::new(size, rgb, digest).map(Arc::new).ok_or_else(large)
}
