//! Transparent photos: the ground over which they are shown.

use image::{RgbImage, RgbaImage};

/// The ground of most photos: white, over which detectors know things best.
const WHITE: u8 = 255;
/// The ground of light things, which would vanish on white.
const DARK: u8 = 64;
/// The mean brightness of opaque pixels, 0 to 255, from which on the ground is dark.
const LIGHT: u64 = 190;

/// The picture over a neutral ground, how opaque each of its pixels is, and the ground's grey value.
pub(super) fn over_ground(rgba: &RgbaImage) -> (RgbImage, Vec<u8>, u8) {
    let (mut sum, mut count) = (0_u64, 0_u64);
    for pixel in rgba.pixels().filter(|pixel| pixel.0[3] >= 128) {
        let [red, green, blue, _] = pixel.0.map(u64::from);
        // ITU-R BT.601.
        sum += (299 * red + 587 * green + 114 * blue) / 1000;
        count += 1;
    }
    let ground = if count > 0 && sum / count >= LIGHT { DARK } else { WHITE };
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    let mut alphas = Vec::with_capacity(rgba.width() as usize * rgba.height() as usize);
    for (to, from) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let over = |channel: u32| ((channel * alpha + u32::from(ground) * (255 - alpha) + 127) / 255) as u8;
        to.0 = [red, green, blue].map(over);
        alphas.push(from.0[3]);
    }
    (rgb, alphas, ground)
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn the_ground_sets_off_what_is_opaque() {
        let ground = |grey: u8| {
            let picture = RgbaImage::from_fn(4, 2, |x, _| Rgba([grey, grey, grey, if x < 2 { 255 } else { 0 }]));
            let (rgb, alphas, ground) = over_ground(&picture);
            assert_eq!((rgb.get_pixel(0, 0).0, rgb.get_pixel(3, 1).0), ([grey; 3], [ground; 3]));
            assert_eq!(alphas, [255, 255, 0, 0, 255, 255, 0, 0]);
            ground
        };
        assert_eq!((ground(20), ground(140), ground(250)), (WHITE, WHITE, DARK));
    }
}
