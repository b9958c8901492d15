//! Decides the colour and strength of a mark.

use rescue_core::Size;
use rescue_mask::{DrawError, Mask, Paint, Style, draw};

use crate::error::MarkError;
use crate::limits;

const RED: [u8; 3] = [255, 0, 0];
const BLACK: [u8; 3] = [0, 0, 0];

/// Returns the colour and the strength, in the unit of [`Drawn`](crate::Drawn), of a mark on a panel of this size. They
/// are the defaults of the style if the mark sets none. Returns an error if the style is not supported or the strength
/// is out of its range.
pub(crate) fn resolve(paint: &Paint, shown: Size) -> Result<([u8; 3], u32), MarkError> {
    let line = f64::from((shown.width.max(shown.height) / 300).max(2));
    let (colour, strength, parts) = match paint.style {
        Style::Overlay => (RED, 0.5, 255.0),
        Style::Cutout => (BLACK, 1.0, 255.0),
        Style::Darkened => (BLACK, 0.7, 255.0),
        Style::Outline | Style::Box => (RED, line, 1.0),
        other => return Err(MarkError::Style(other)),
    };
    if let (1.0, Some(asked)) = (parts, paint.strength)
        && !(1.0..=limits::LINE).contains(&asked)
    {
        let range = DrawError::Strength { style: paint.style, strength: asked, least: 1.0, most: limits::LINE };
        return Err(MarkError::Draw(range));
    }
    // Drawing on a picture of one pixel checks the strength.
    let pixel = Size::new(1, 1);
    draw(&mut [0; 3], pixel, &Mask::new(pixel), paint)?;
    Ok((paint.colour.unwrap_or(colour), (paint.strength.unwrap_or(strength) * parts).round() as u32))
}

/// Returns the paint for a colour and strength that [`resolve`] returned.
pub(crate) fn resolved(style: Style, colour: [u8; 3], strength: u32) -> Paint {
    let parts = if matches!(style, Style::Outline | Style::Box) { 1.0 } else { 255.0 };
    Paint { style, colour: Some(colour), strength: Some(f64::from(strength) / parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws a blob in the middle of a grey picture.
    fn drawn(size: Size, paint: &Paint) -> Vec<u8> {
        let blob =
            Mask::from_fn(size, |x, y| x.abs_diff(size.width / 2).pow(2) + y.abs_diff(size.height / 2).pow(2) < 400);
        let mut rgb = vec![100; size.pixels() as usize * 3];
        draw(&mut rgb, size, &blob, paint).unwrap();
        rgb
    }

    #[test]
    fn resolving_the_defaults_draws_the_same_pixels() {
        for style in Style::ALL {
            for size in [Size::new(50, 60), Size::new(1024, 50), Size::new(40, 2000)] {
                let (colour, strength) = resolve(&Paint::new(style), size).unwrap();
                let resolved = resolved(style, colour, strength);
                assert_eq!(drawn(size, &resolved), drawn(size, &Paint::new(style)), "{style} on {size}");
            }
        }
    }

    #[test]
    fn resolving_given_values_draws_the_same_pixels() {
        let size = Size::new(50, 60);
        let colour = Some([1, 200, 30]);
        for (style, strengths) in [
            (Style::Overlay, [0.0, 0.001, 0.3, 0.999, 1.0]),
            (Style::Cutout, [0.0, 0.1, 0.5, 0.9, 1.0]),
            (Style::Darkened, [0.0, 0.2, 0.4, 0.6, 0.8]),
            (Style::Outline, [1.0, 1.4, 1.5, 7.0, limits::LINE]),
            (Style::Box, [1.0, 2.5, 3.0, 9.0, 20.0]),
        ] {
            for strength in strengths.map(Some) {
                let asked = Paint { style, colour, strength };
                let (colour, strength) = resolve(&asked, size).unwrap();
                assert_eq!(drawn(size, &resolved(style, colour, strength)), drawn(size, &asked), "{asked:?}");
            }
        }
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        for (style, strength) in [
            (Style::Overlay, 1.1),
            (Style::Outline, 0.5),
            (Style::Outline, 100.1),
            (Style::Box, f64::NAN),
            (Style::Cutout, -1.0),
        ] {
            let asked = Paint { style, colour: None, strength: Some(strength) };
            let refused = resolve(&asked, Size::new(9, 9));
            assert!(matches!(refused, Err(MarkError::Draw(DrawError::Strength { .. }))), "{refused:?}");
        }
    }
}
