//! Lays out the views of a picture.
//!
//! Up to four views are placed in one row. More views are placed in as few rows as possible, of nearly equal length. A
//! column is as wide as its widest view, and a row as high as its highest view. Each view keeps its own size, at the
//! top left of its cell, so it looks as it does alone and a large view does not shrink the others. Captions are placed
//! above the views, in bands of equal height within a row.

use rescue_core::Size;
use rescue_mask::Bounds;

use crate::limits;
use crate::recipe::Caption;
use crate::text::wrap;

/// The largest number of views in a row.
const COLUMNS: usize = 4;
/// The space between views, in dots of a letter.
const GAP: u32 = 4;
/// The distance from one line of a caption to the next, in dots.
const LINE: u32 = 10;
/// The space around a caption, in dots.
const MARGIN: u32 = 3;
/// The smallest width of a column with a caption, in letters.
const LEAST_LETTERS: u32 = 8;

/// A view to lay out.
pub(crate) struct Cell {
    /// The size of the view, in pixels of the picture.
    pub(crate) shown: Size,
    /// The cleaned caption; empty if there is none.
    pub(crate) caption: Vec<char>,
}

/// The place of a view in the picture, in pixels, and its caption. `caption` is `None` if there is none.
pub(crate) struct Placed {
    pub(crate) place: Bounds,
    pub(crate) caption: Option<Caption>,
}

/// Returns the size of one dot of a letter, in pixels, for a picture whose largest view has this longer side in pixels.
/// A letter is eight dots wide: 24 pixels at a longer side of 1024.
pub(crate) fn dot(longer: u32) -> u32 {
    (longer / 320).max(2)
}

/// Returns the top left corner (x, y) of line `line` of a caption, counted from 0.
pub(crate) fn line_start(band: Bounds, line: u32, dot: u32) -> (u32, u32) {
    (band.x_min + MARGIN * dot, band.y_min + (MARGIN + LINE * line) * dot)
}

/// Returns the size of the picture in pixels, and the place of each view in it.
pub(crate) fn lay_out(cells: &[Cell], dot: u32) -> (Size, Vec<Placed>) {
    let columns = cells.len().div_ceil(cells.len().div_ceil(COLUMNS).max(1)).max(1);
    let mut widths = vec![0; columns];
    for row in cells.chunks(columns) {
        for (width, cell) in widths.iter_mut().zip(row) {
            let least = if cell.caption.is_empty() { 0 } else { (8 * LEAST_LETTERS + 2 * MARGIN) * dot };
            *width = cell.shown.width.max(least).max(*width);
        }
    }
    let mut placed = Vec::with_capacity(cells.len());
    let mut bottom = 0;
    for row in cells.chunks(columns) {
        let top = if bottom == 0 { 0 } else { bottom + GAP * dot };
        bottom = place_row(row, &widths, top, dot, &mut placed);
    }
    let gaps = widths.iter().skip(1).map(|_| GAP * dot).sum::<u32>();
    (padded(Size::new(widths.iter().sum::<u32>() + gaps, bottom)), placed)
}

/// The size of a picture that models accept: strips are padded at the right or at the bottom.
fn padded(size: Size) -> Size {
    let least = limits::LEAST_PICTURE_SIDE.max(size.width.max(size.height).div_ceil(limits::MAX_RATIO));
    Size::new(size.width.max(least), size.height.max(least))
}

/// Lays out a row whose top edge is at `top`, and appends its views to `placed`. Returns the bottom edge of the row.
fn place_row(row: &[Cell], widths: &[u32], top: u32, dot: u32, placed: &mut Vec<Placed>) -> u32 {
    let letters = |width: u32| (width.saturating_sub(2 * MARGIN * dot) / (8 * dot).max(1)) as usize;
    let captions: Vec<Vec<String>> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| wrap(&cell.caption, letters(*width), limits::CAPTION_LINES))
        .collect();
    let lines = captions.iter().map(Vec::len).max().and_then(|lines| u32::try_from(lines).ok()).unwrap_or(0);
    // There is no space between lines below the last line.
    let band = if lines == 0 { 0 } else { (2 * MARGIN + LINE * (lines - 1) + 8) * dot };
    let mut left = 0;
    let mut bottom = top + band;
    for ((cell, width), lines) in row.iter().zip(widths).zip(captions) {
        let band = Bounds { x_min: left, y_min: top, x_max: left + width, y_max: top + band };
        let place = Bounds {
            x_min: left,
            y_min: band.y_max,
            x_max: left + cell.shown.width,
            y_max: band.y_max + cell.shown.height,
        };
        bottom = bottom.max(place.y_max);
        left += width + GAP * dot;
        placed.push(Placed { place, caption: (!lines.is_empty()).then_some(Caption { band, lines }) });
    }
    bottom
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(width: u32, height: u32, caption: &str) -> Cell {
        Cell { shown: Size::new(width, height), caption: caption.chars().collect() }
    }

    fn corners(cells: &[Cell]) -> (Size, Vec<(u32, u32)>) {
        let (size, placed) = lay_out(cells, 2);
        (size, placed.iter().map(|placed| (placed.place.x_min, placed.place.y_min)).collect())
    }

    #[test]
    fn strips_are_padded_to_what_models_accept() {
        assert_eq!(padded(Size::new(332, 27)), Size::new(332, 32));
        assert_eq!(padded(Size::new(1, 4096)), Size::new(32, 4096));
        assert_eq!(padded(Size::new(8400, 28)), Size::new(8400, 56));
        assert_eq!(padded(Size::new(32, 32)), Size::new(32, 32));
    }

    #[test]
    fn one_view_fills_the_picture() {
        assert_eq!(corners(&[cell(300, 200, "")]), (Size::new(300, 200), vec![(0, 0)]));
    }

    #[test]
    fn rows_are_as_few_and_as_equal_as_possible() {
        for (views, columns) in
            [(1_u32, 1_u32), (2, 2), (3, 3), (4, 4), (5, 3), (6, 3), (7, 4), (9, 3), (10, 4), (13, 4), (16, 4)]
        {
            let cells: Vec<Cell> = (0..views).map(|_| cell(100, 50, "")).collect();
            let (size, corners) = corners(&cells);
            let rows = views.div_ceil(columns);
            assert_eq!(size, Size::new(108 * columns - 8, 58 * rows - 8), "{views} views");
            assert_eq!(corners.last(), Some(&((views - 1) % columns * 108, (rows - 1) * 58)));
        }
    }

    #[test]
    fn columns_are_as_wide_and_rows_as_high_as_their_largest_view() {
        let cells = [(100, 30), (50, 60), (10, 10), (20, 40), (200, 5)].map(|(width, height)| cell(width, height, ""));
        let expected = [(0, 0), (108, 0), (316, 0), (0, 68), (108, 68)];
        assert_eq!(corners(&cells), (Size::new(326, 108), expected.to_vec()));
    }

    #[test]
    fn all_caption_bands_of_a_row_are_as_high_as_its_longest_caption_needs() {
        let cells = [cell(300, 200, "one line"), cell(300, 100, "a caption of some more words"), cell(300, 100, "")];
        let (size, placed) = lay_out(&cells, 2);
        assert_eq!(size, Size::new(916, 48 + 200));
        let bands: Vec<_> = placed.iter().map(|placed| placed.caption.as_ref().map(|caption| caption.band)).collect();
        let band = |x_min| Some(Bounds { x_min, y_min: 0, x_max: x_min + 300, y_max: 48 });
        assert_eq!(bands, [band(0), band(308), None]);
        assert_eq!(placed[1].caption.as_ref().unwrap().lines, ["a caption of some", "more words"]);
        assert!(placed.iter().all(|placed| placed.place.y_min == 48));
    }

    #[test]
    fn a_caption_widens_the_column_of_a_narrow_view() {
        let (size, placed) = lay_out(&[cell(1, 100, "some words")], 2);
        assert_eq!(size, Size::new(140, 148));
        assert_eq!(placed[0].place, Bounds { x_min: 0, y_min: 48, x_max: 1, y_max: 148 });
        assert_eq!(placed[0].caption.as_ref().unwrap().lines, ["some", "words"]);
    }
}
