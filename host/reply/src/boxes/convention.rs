//! The conventions by which models state coordinates.

use rescue_core::Size;
use serde::Serialize;

/// How a model states coordinates in a picture that it is shown. It is a property of the model, never of one reply.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// 0 to 1000 along each side, as Qwen2-VL and Qwen3-VL do.
    Thousand,
    /// 0 to 1000 along each side, y before x, as Gemini does under the key `box_2d`. Coordinates with names are not affected.
    ThousandYFirst,
    /// Pixels of the picture as it was sent.
    Shown,
    /// Pixels of the picture after the model's own preprocessing has resized it, as Qwen2.5-VL does.
    Resized {
        /// Both sides become multiples of this, in pixels.
        factor: u32,
        /// The least area, in pixels.
        min_pixels: u32,
        /// The largest area, in pixels.
        max_pixels: u32,
    },
    /// 0 to 1 along each side.
    Unit,
}

/// All conventions that have a name.
pub(super) const NAMED: [(&str, Convention); 6] = [
    ("thousand", Convention::Thousand),
    ("thousand-y-first", Convention::ThousandYFirst),
    ("shown", Convention::Shown),
    ("resized-28", Convention::resized(28)),
    ("resized-32", Convention::resized(32)),
    ("unit", Convention::Unit),
];

impl Convention {
    /// Pixels of a picture resized to an area of 4 to 16384 squares of `factor` pixels, the default of Qwen's processors.
    pub const fn resized(factor: u32) -> Self {
        let square = factor * factor;
        Self::Resized { factor, min_pixels: 4 * square, max_pixels: 16_384 * square }
    }

    /// The convention named "thousand", "thousand-y-first", "shown", "resized-28", "resized-32" or "unit"; `None` for another name.
    pub fn parse(name: &str) -> Option<Self> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, convention)| *convention)
    }

    /// The name of the convention; "resized" if [`Convention::parse`] does not know it.
    pub fn name(self) -> &'static str {
        NAMED.iter().find(|(_, known)| *known == self).map_or("resized", |(name, _)| name)
    }

    /// Whether y is before x in a list of coordinates.
    pub(super) fn is_y_first(self) -> bool {
        self == Self::ThousandYFirst
    }

    /// The greatest x and y coordinates in a picture of that size. `None` if the model would refuse the picture.
    pub(super) fn range(self, shown: Size) -> Option<(f64, f64)> {
        let range = match self {
            Self::Thousand | Self::ThousandYFirst => (1000.0, 1000.0),
            Self::Shown => (f64::from(shown.width), f64::from(shown.height)),
            Self::Resized { factor, min_pixels, max_pixels } => smart_resize(shown, factor, min_pixels, max_pixels)?,
            Self::Unit => (1.0, 1.0),
        };
        (range.0 > 0.0 && range.1 > 0.0).then_some(range)
    }
}

/// The largest ratio of the sides of a picture that is resized.
const MAX_RATIO: f64 = 200.0;

/// The width and height, in pixels, to which the preprocessing of Qwen2.5-VL resizes a picture. `None` if it would refuse the
/// picture.
///
/// Source: `smart_resize` of the Qwen2-VL image processor in Hugging Face's transformers, which servers use. Each side is rounded
/// to the nearest multiple of `factor`. If the area is then too large or too small, both sides are scaled by the same factor and
/// rounded down or up instead.
fn smart_resize(size: Size, factor: u32, min_pixels: u32, max_pixels: u32) -> Option<(f64, f64)> {
    let (width, height, factor) = (f64::from(size.width), f64::from(size.height), f64::from(factor));
    let (least, most) = (f64::from(min_pixels), f64::from(max_pixels));
    let ratio = width.max(height) / width.min(height);
    if factor < 1.0 || size.pixels() == 0 || ratio > MAX_RATIO {
        return None;
    }
    // Python's `round` rounds halves to even.
    let rounded = |side: f64| (side / factor).round_ties_even() * factor;
    let area = rounded(width) * rounded(height);
    Some(if area > most {
        let beta = (width * height / most).sqrt();
        let cut = |side: f64| ((side / beta / factor).floor() * factor).max(factor);
        (cut(width), cut(height))
    } else if area < least {
        let beta = (least / (width * height)).sqrt();
        let grown = |side: f64| (side * beta / factor).ceil() * factor;
        (grown(width), grown(height))
    } else {
        (rounded(width), rounded(height))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_parsed() {
        for (name, convention) in NAMED {
            assert_eq!(Convention::parse(name), Some(convention));
            assert_eq!(convention.name(), name);
        }
        assert_eq!(Convention::parse("pixels"), None);
        let resized = Convention::Resized { factor: 28, min_pixels: 3136, max_pixels: 12_845_056 };
        assert_eq!(Convention::parse("resized-28"), Some(resized));
        assert_eq!(serde_json::to_string(&Convention::Thousand).unwrap(), "\"thousand\"");
    }

    /// Compares with values of the published function.
    #[test]
    fn pictures_are_resized_like_the_published_function_does() {
        for ((width, height, factor, least, most), expected) in SIZES {
            assert_eq!(smart_resize(Size::new(width, height), factor, least, most), expected, "{width}×{height}");
        }
    }

    type Given = (u32, u32, u32, u32, u32);
    #[rustfmt::skip]
    const SIZES: [(Given, Option<(f64, f64)>); 13] = [
        ((1_000, 500, 28, 3_136, 12_845_056), Some((1_008.0, 504.0))),
        ((1_000, 500, 32, 4_096, 16_777_216), Some((992.0, 512.0))),
        ((42, 70, 28, 784, 12_845_056), Some((56.0, 56.0))),
        ((14, 70, 28, 3_136, 12_845_056), Some((28.0, 140.0))),
        ((640, 480, 28, 3_136, 12_845_056), Some((644.0, 476.0))),
        ((1_920, 1_080, 28, 3_136, 1_003_520), Some((1_316.0, 728.0))),
        ((10_000, 4_000, 28, 3_136, 12_845_056), Some((5_656.0, 2_240.0))),
        ((30, 30, 28, 3_136, 12_845_056), Some((56.0, 56.0))),
        ((10, 2_000, 28, 3_136, 12_845_056), Some((28.0, 812.0))),
        ((10, 2_001, 28, 3_136, 12_845_056), None),
        ((5, 3, 32, 4_096, 16_777_216), Some((96.0, 64.0))),
        ((8_000, 45, 28, 3_136, 50_176), Some((2_968.0, 28.0))),
        ((4_096, 4_096, 32, 4_096, 16_777_216), Some((4_096.0, 4_096.0))),
    ];
}
