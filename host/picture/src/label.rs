//! Draws the labels of marks.

use rescue_core::Size;
use rescue_mask::Bounds;

use crate::canvas::Canvas;
use crate::limits;
use crate::text::wrap;

/// The space to the left of and above the letters of a label, in dots. It is larger than the space after them, because
/// a letter ends with an empty dot.
const BEFORE: u32 = 2;
/// The space to the right of and below the letters, in dots.
const AFTER: u32 = 1;
/// The height of a label, in dots.
const HEIGHT: u32 = BEFORE + 8 + AFTER;

/// Returns the text of a label, cut to one line on a panel of this width in pixels.
pub(crate) fn fit_label(clean: &[char], width: u32, dot: u32) -> String {
    let room = (width / dot.max(1)).saturating_sub(BEFORE + AFTER) / 8;
    wrap(clean, limits::LABEL_LETTERS.min(room as usize), 1).concat()
}

/// Draws the labels of a panel, one after the other.
pub(crate) struct Labels {
    size: Size,
    dot: u32,
    placed: Vec<Bounds>,
}

impl Labels {
    /// Starts with no labels, on a panel of this size in pixels. A dot of a letter is `dot` pixels wide and high.
    pub(crate) fn new(size: Size, dot: u32) -> Self {
        Self { size, dot, placed: Vec::new() }
    }

    /// Draws a label on the colour of its mark, above the top left corner of the mark. A label that would leave the
    /// panel or cover an earlier label moves down. If there is no room below either, it covers the earlier label.
    pub(crate) fn draw(&mut self, rgb: &mut [u8], mark: Bounds, label: &str, colour: [u8; 3]) {
        let tag = self.place(mark, u32::try_from(label.chars().count()).unwrap_or(u32::MAX));
        let mut canvas = Canvas::new(self.size, rgb);
        canvas.fill(tag, colour);
        canvas.write(
            label,
            tag.x_min + BEFORE * self.dot,
            tag.y_min + BEFORE * self.dot,
            self.dot,
            text_colour(colour),
        );
        self.placed.push(tag);
    }

    /// Returns the place of a label with this number of letters.
    fn place(&self, mark: Bounds, letters: u32) -> Bounds {
        let width = (BEFORE + 8 * letters + AFTER) * self.dot;
        let height = HEIGHT * self.dot;
        let lowest = self.size.height.saturating_sub(height);
        let x_min = mark.x_min.min(self.size.width.saturating_sub(width));
        let at = |y_min| Bounds { x_min, y_min, x_max: x_min + width, y_max: y_min + height };
        let first = at(mark.y_min.saturating_sub(height).min(lowest));
        let mut tag = first;
        while let Some(other) = self.placed.iter().find(|other| overlap(**other, tag)) {
            // A dot of space separates two labels of the same colour.
            tag = at(other.y_max + self.dot);
            if tag.y_min > lowest {
                return first;
            }
        }
        tag
    }
}

/// Returns whether two boxes share a pixel.
fn overlap(one: Bounds, other: Bounds) -> bool {
    one.x_min < other.x_max && other.x_min < one.x_max && one.y_min < other.y_max && other.y_min < one.y_max
}

/// Returns black or white, whichever contrasts more with the colour. The brightness of the colour is computed as in
/// ITU-R BT.601.
fn text_colour([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let brightness = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    if brightness > 128_000 { [0; 3] } else { [255; 3] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(200, 100);

    const fn mark(x_min: u32, y_min: u32) -> Bounds {
        Bounds { x_min, y_min, x_max: x_min + 20, y_max: y_min + 20 }
    }

    fn places(labels: &[(Bounds, &str)]) -> Vec<[u32; 4]> {
        let mut rgb = vec![0; 200 * 100 * 3];
        let mut all = Labels::new(SIZE, 2);
        for (mark, label) in labels {
            all.draw(&mut rgb, *mark, label, [255, 0, 0]);
        }
        all.placed.iter().map(|tag| [tag.x_min, tag.y_min, tag.x_max, tag.y_max]).collect()
    }

    #[test]
    fn labels_are_drawn_above_the_top_left_corner_and_inside_the_panel() {
        assert_eq!(places(&[(mark(50, 60), "A")]), [[50, 38, 72, 60]]);
        assert_eq!(places(&[(mark(0, 0), "A")]), [[0, 0, 22, 22]]);
        assert_eq!(places(&[(mark(190, 5), "AB")]), [[162, 0, 200, 22]]);
    }

    #[test]
    fn labels_move_below_earlier_ones_while_there_is_room() {
        let same = [(mark(50, 60), "A"); 3];
        assert_eq!(places(&same), [[50, 38, 72, 60], [50, 62, 72, 84], [50, 38, 72, 60]]);
        let beside = [(mark(50, 60), "A"), (mark(72, 60), "B")];
        assert_eq!(places(&beside), [[50, 38, 72, 60], [72, 38, 94, 60]]);
    }

    #[test]
    fn labels_are_cut_to_the_width_of_the_panel() {
        let letters: Vec<char> = "abcdefgh".repeat(9).chars().collect();
        assert_eq!(fit_label(&letters, 10_000, 2).chars().count(), limits::LABEL_LETTERS);
        assert_eq!(fit_label(&letters, (2 + 4 * 8 + 1) * 2, 2), "abc…");
        assert_eq!(fit_label(&letters, 1, 2), "…");
        assert_eq!(fit_label(&[], 100, 2), "");
    }

    #[test]
    fn a_label_larger_than_the_panel_is_drawn_as_far_as_it_fits() {
        let mut rgb = vec![0; 3];
        Labels::new(Size::new(1, 1), 3).draw(
            &mut rgb,
            Bounds { x_min: 0, y_min: 0, x_max: 1, y_max: 1 },
            "…",
            [1, 2, 3],
        );
        assert_eq!(rgb, [1, 2, 3]);
    }
}
