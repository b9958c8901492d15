//! Where on a picture photos may be: on all of it, below a band with a caption, or two side by side.

use rescue_mask::Size;

use super::picture::Picture;

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Region {
    pub(crate) fn size(self) -> Size {
        Size::new(self.width, self.height)
    }
}

/// The largest share of a picture that a band or a gap may take.
const LARGEST: f64 = 0.3;

/// How many pixels a side may be off its exact length because of rounding.
const ROUNDING: f64 = 2.0;

/// A column in which each channel varies by no more than this may be a gap between two pictures.
const PLAIN: u8 = 24;

/// The ways in which a picture can hold photos of this aspect ratio. `gap` is the result of [`middle_gap`].
pub(crate) fn layouts(picture: &Picture, gap: u32, photo: Size) -> Vec<Vec<Region>> {
    let Size { width, height } = picture.size;
    let aspect = f64::from(photo.height) / f64::from(photo.width.max(1));
    let mut layouts = Vec::new();
    if let Some(region) = below_band(0, width, height, aspect) {
        layouts.push(vec![region]);
    }
    // Without a band, the width of the gap follows from the sides; with one, it is that of the plain columns in the
    // middle.
    let exact = (f64::from(width) - 2.0 * f64::from(height) / aspect).round();
    let exact = (-ROUNDING..LARGEST * f64::from(width)).contains(&exact).then_some(exact.max(0.0) as u32);
    for gap in exact.into_iter().chain([gap]) {
        let half = width.saturating_sub(gap) / 2;
        let halves = [0, width - half].map(|x| below_band(x, half, height, aspect));
        if let [Some(left), Some(right)] = halves {
            layouts.push(vec![left, right]);
        }
    }
    layouts
}

/// The region of a photo of this width, with nothing or a band above it. `None` if it does not fit the picture's
/// height.
fn below_band(x: u32, width: u32, height: u32, aspect: f64) -> Option<Region> {
    let band = f64::from(height) - f64::from(width) * aspect;
    if band.abs() <= ROUNDING {
        Some(Region { x, y: 0, width, height })
    } else if band > 0.0 && band <= LARGEST * f64::from(height) {
        let band = band.round() as u32;
        Some(Region { x, y: band, width, height: height - band })
    } else {
        None
    }
}

/// The number of plain columns around the middle, without the part of the picture that may be a band.
pub(crate) fn middle_gap(picture: &Picture) -> u32 {
    let Size { width, height } = picture.size;
    let below = (f64::from(height) * LARGEST) as u32;
    let most = (f64::from(width) * LARGEST / 2.0) as u32;
    let plain = |x: u32| {
        let (mut least, mut greatest) = ([255_u8; 3], [0_u8; 3]);
        for pixel in (below..height).filter_map(|y| picture.row(y, x).next()) {
            for ((least, greatest), value) in least.iter_mut().zip(&mut greatest).zip(pixel) {
                (*least, *greatest) = ((*least).min(value), (*greatest).max(value));
            }
        }
        least.iter().zip(greatest).all(|(least, greatest)| greatest.saturating_sub(*least) <= PLAIN)
    };
    let middle = width / 2;
    let left = (0..most.min(middle)).take_while(|step| plain(middle - 1 - step)).count() as u32;
    let right = (0..most).take_while(|step| middle + step < width && plain(middle + step)).count() as u32;
    left + right
}
