//! Draws filled boxes and text.

use rescue_core::Size;
use rescue_mask::Bounds;

use crate::font::dots;

/// A picture to draw on. Drawing is clipped to the picture.
pub(crate) struct Canvas<'a> {
    size: Size,
    rgb: &'a mut [u8],
}

impl<'a> Canvas<'a> {
    /// Creates a canvas on these pixels. `rgb` holds three bytes per pixel (red, green, blue), row by row.
    pub(crate) fn new(size: Size, rgb: &'a mut [u8]) -> Self {
        Self { size, rgb }
    }

    /// Fills a box with a colour.
    pub(crate) fn fill(&mut self, bounds: Bounds, colour: [u8; 3]) {
        let (start, end) = (bounds.x_min.min(self.size.width) as usize, bounds.x_max.min(self.size.width) as usize);
        let rows = self.rgb.chunks_exact_mut((self.size.width as usize * 3).max(1));
        for row in rows.take(bounds.y_max as usize).skip(bounds.y_min as usize) {
            for pixel in row.get_mut(start * 3..end * 3).unwrap_or_default().chunks_exact_mut(3) {
                pixel.copy_from_slice(&colour);
            }
        }
    }

    /// Writes a line of text with its top left corner at (x, y). Each dot of its letters is `dot` pixels wide and high.
    pub(crate) fn write(&mut self, text: &str, x: u32, y: u32, dot: u32, colour: [u8; 3]) {
        for (letter, left) in text.chars().zip((x..).step_by((8 * dot).max(1) as usize)) {
            for (row, y_min) in dots(letter).into_iter().zip((y..).step_by(dot.max(1) as usize)) {
                for bit in (0..8).filter(|bit| row >> bit & 1 == 1) {
                    let x_min = left + bit * dot;
                    self.fill(Bounds { x_min, y_min, x_max: x_min + dot, y_max: y_min + dot }, colour);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_upright_and_clipped_at_the_border() {
        let size = Size::new(12, 8);
        let mut rgb = vec![0; 12 * 8 * 3];
        Canvas::new(size, &mut rgb).write("LL", 0, 0, 1, [9, 9, 9]);
        let rows: Vec<String> = rgb
            .chunks(36)
            .map(|row| row.chunks(3).map(|pixel| if pixel == [9; 3] { '#' } else { '.' }).collect())
            .collect();
        let letters = [
            "####....####",
            ".##......##.",
            ".##......##.",
            ".##......##.",
            ".##...#..##.",
            ".##..##..##.",
            "#######.####",
            "............",
        ];
        assert_eq!(rows, letters);
    }
}
