//! Draws masks on photos.
//!
//! Colours are mixed in integer arithmetic, so the same mask on the same photo gives the same bytes on every machine.

use rescue_core::Size;

use crate::error::MaskError;
use crate::mask::Mask;
use crate::simd;
use crate::style::{DrawError, Paint, Style};

const RED: [u8; 3] = [255, 0, 0];
const BLACK: [u8; 3] = [0, 0, 0];

/// The widest line, in pixels.
const MAX_LINE_WIDTH: f64 = 1000.0;

/// Draws a mask on a photo, in place. `rgb` holds three bytes per pixel (red, green, blue), row by row.
///
/// ```
/// use rescue_mask::{Mask, Paint, Size, Style, draw};
///
/// let size = Size::new(2, 1);
/// let mut rgb = [100, 100, 100, 100, 100, 100];
/// let paint = Paint { style: Style::Overlay, colour: Some([0, 255, 0]), strength: Some(0.2) };
/// draw(&mut rgb, size, &Mask::from_fn(size, |x, _| x == 0), &paint)?;
/// assert_eq!(rgb, [80, 131, 80, 100, 100, 100]);
/// # Ok::<(), rescue_mask::DrawError>(())
/// ```
///
/// # Errors
///
/// Returns [`DrawError::Sizes`] if `rgb` is not width × height × 3 bytes long or the mask has another size, and
/// [`DrawError::Strength`] if the strength is outside the range of the style. Nothing is drawn in either case.
pub fn draw(rgb: &mut [u8], size: Size, mask: &Mask, paint: &Paint) -> Result<(), DrawError> {
    check_sizes(rgb, size, mask)?;
    let line = || {
        let width = strength(paint, f64::from(line_width(size)), 1.0, MAX_LINE_WIDTH)?;
        Ok::<u32, DrawError>(width.round() as u32)
    };
    match paint.style {
        Style::Overlay => blend(rgb, mask, paint.colour.unwrap_or(RED), alpha(strength(paint, 0.5, 0.0, 1.0)?)),
        Style::Outline => blend(rgb, &outline(mask, line()?), paint.colour.unwrap_or(RED), 255),
        Style::Box => blend(rgb, &frame(mask, line()?), paint.colour.unwrap_or(RED), 255),
        Style::Cutout => {
            blend(rgb, &mask.inverted(), paint.colour.unwrap_or(BLACK), alpha(strength(paint, 1.0, 0.0, 1.0)?));
        }
        Style::Darkened => {
            blend(rgb, &mask.inverted(), paint.colour.unwrap_or(BLACK), alpha(strength(paint, 0.7, 0.0, 1.0)?));
        }
    }
    Ok(())
}

/// Returns an error unless the photo and the mask have this size.
pub(crate) fn check_sizes(rgb: &[u8], size: Size, mask: &Mask) -> Result<(), MaskError> {
    MaskError::check_length(size, 3, rgb.len())?;
    MaskError::check_same(size, mask.size())
}

/// The width of a line that is visible in a photo of this size, in pixels.
pub(crate) fn line_width(size: Size) -> u32 {
    (size.width.max(size.height) / 300).max(2)
}

/// A line of this width, in pixels, along the edge of the mask. Half of the width is outside the mask; the other half,
/// and the odd pixel, is inside.
pub(crate) fn outline(mask: &Mask, width: u32) -> Mask {
    let mut line = mask.grown(width / 2);
    remove(&mut line, &mask.shrunk(width - width / 2));
    line
}

/// A line of this width, in pixels, along the bounds of the mask. It is empty if the mask is empty.
fn frame(mask: &Mask, width: u32) -> Mask {
    let mut line = Mask::new(mask.size());
    if let Some(bounds) = mask.bounds() {
        let (outer, inner) = (width / 2, width - width / 2);
        line.fill(
            bounds.x_min.saturating_sub(outer),
            bounds.y_min.saturating_sub(outer),
            bounds.x_max.saturating_add(outer),
            bounds.y_max.saturating_add(outer),
        );
        let mut middle = Mask::new(mask.size());
        middle.fill(
            bounds.x_min.saturating_add(inner),
            bounds.y_min.saturating_add(inner),
            bounds.x_max.saturating_sub(inner),
            bounds.y_max.saturating_sub(inner),
        );
        remove(&mut line, &middle);
    }
    line
}

/// Removes the pixels of `other`, a mask of the same size, from `mask`.
pub(crate) fn remove(mask: &mut Mask, other: &Mask) {
    for (word, other) in mask.words_mut().iter_mut().zip(other.words()) {
        *word &= !other;
    }
}

/// Mixes a colour into the pixels inside the mask. The opacity `alpha` is 0 (nothing is drawn) to 255 (only the colour
/// is left).
pub(crate) fn blend(rgb: &mut [u8], mask: &Mask, colour: [u8; 3], alpha: u8) {
    let (add, keep) = premultiplied(colour, alpha);
    let width = mask.size().width as usize;
    for (row, runs) in rgb.chunks_exact_mut((width * 3).max(1)).zip(mask.row_runs()) {
        for run in runs {
            if let Some(inside) = row.get_mut(run.x_start as usize * 3..run.x_end as usize * 3) {
                simd::mix(inside, &add, keep);
            }
        }
    }
}

/// The channels of 16 pixels of a colour, times its opacity; and the remaining opacity of the photo, in 255ths.
fn premultiplied(colour: [u8; 3], alpha: u8) -> ([u16; 48], u16) {
    let mut add = [0; 48];
    for (add, channel) in add.iter_mut().zip(colour.iter().cycle()) {
        *add = u16::from(*channel) * u16::from(alpha);
    }
    (add, u16::from(255 - alpha))
}

/// Converts an opacity of 0 to 1 to 255ths.
fn alpha(opacity: f64) -> u8 {
    (opacity * 255.0).round() as u8
}

/// The strength of the paint, or `default` if it sets none. Returns an error if the strength is not in the range
/// `least` to `most`; NaN is in no range.
fn strength(paint: &Paint, default: f64, least: f64, most: f64) -> Result<f64, DrawError> {
    match paint.strength {
        None => Ok(default),
        Some(strength) if (least..=most).contains(&strength) => Ok(strength),
        Some(strength) => Err(DrawError::Strength { style: paint.style, strength, least, most }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_rounds_to_the_nearest_for_every_alpha_and_channel() {
        for alpha in 0..=255 {
            for new in [0, 1, 100, 254, 255] {
                let mut channels: Vec<u8> = (0..=255).collect();
                // 255 channels are 85 pixels. The 256th channel is not mixed.
                let (add, keep) = premultiplied([new; 3], alpha);
                simd::mix(&mut channels[..255], &add, keep);
                for (old, mixed) in (0..255_u32).zip(channels) {
                    let sum = old * (255 - u32::from(alpha)) + u32::from(new) * u32::from(alpha);
                    assert_eq!(u32::from(mixed), (2 * sum + 255) / 510, "{old} and {alpha} of {new}");
                }
            }
        }
    }
}
