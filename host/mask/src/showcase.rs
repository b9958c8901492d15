//! Draws a mask on a photo for people to look at.

use rescue_core::Size;

use crate::error::MaskError;
use crate::mask::Mask;
use crate::overlay::{blend, check_sizes, line_width, outline};

const LINE: [u8; 3] = [255, 59, 48];
const BORDER: [u8; 3] = [255, 255, 255];
const DARK: [u8; 3] = [0, 0, 0];

/// Returns the photo with the mask drawn on it for people. The outside is a little darker, the inside is tinted, and
/// the outline is a sharp line with a thin light border. The width of the line grows with the size of the photo. `rgb`
/// and the result hold three bytes per pixel (red, green, blue), row by row.
///
/// ```
/// use rescue_mask::{Mask, Size, showcase};
///
/// let size = Size::new(64, 48);
/// let thing = Mask::from_fn(size, |x, y| x.abs_diff(32).pow(2) + y.abs_diff(24).pow(2) < 300);
/// let picture = showcase(&[128; 64 * 48 * 3], size, &thing)?;
/// assert_eq!(picture.len(), 64 * 48 * 3);
/// # Ok::<(), rescue_mask::MaskError>(())
/// ```
///
/// # Errors
///
/// Returns a [`MaskError`] if `rgb` is not width × height × 3 bytes long or the mask has another size.
pub fn showcase(rgb: &[u8], size: Size, mask: &Mask) -> Result<Vec<u8>, MaskError> {
    check_sizes(rgb, size, mask)?;
    let mut picture = rgb.to_vec();
    let line = line_width(size);
    let border = line.div_ceil(3);
    blend(&mut picture, &mask.inverted(), DARK, 95);
    blend(&mut picture, mask, LINE, 70);
    blend(&mut picture, &outline(mask, line + 2 * border), BORDER, 230);
    blend(&mut picture, &outline(mask, line), LINE, 255);
    Ok(picture)
}
