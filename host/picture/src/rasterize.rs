//! Converts the masks and boxes of marks to masks of the pixels of a panel.
//!
//! A pixel of a panel is inside a mask if the pixel of the photo at its centre is inside. So thin objects may become
//! dashed if the photo is shrunk. But a mask that is partly in the view never vanishes: at least the pixel in its
//! middle is kept. A box contains the pixels of the panel whose centres are inside it; if there are none, the pixel in
//! its middle is kept.

use rescue_core::{Rect, Size};
use rescue_mask::{Bounds, CompactMask, Mask, MaskError};

use crate::recipe::between;

/// Returns the mask on a panel of size `shown` that shows `area` of the photo. It is empty if the mask and the area do
/// not overlap.
pub(crate) fn mask(mask: &CompactMask, area: Bounds, shown: Size) -> Result<Mask, MaskError> {
    let columns = Axis { start: area.x_min, length: area.width(), shown: shown.width };
    let rows = Axis { start: area.y_min, length: area.height(), shown: shown.height };
    let Some(visible) = mask.bounds().and_then(|bounds| shared(bounds, area)) else { return Ok(Mask::new(shown)) };
    let part = mask.part(visible);
    let mut inside = vec![0_u8; shown.pixels() as usize];
    let mut runs_of_rows = part.row_runs();
    // The number of rows of the part read so far, and the runs of the last of these rows in columns of the panel.
    let mut rows_read = 0;
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (v, row) in (0..).zip(inside.chunks_exact_mut((shown.width as usize).max(1))) {
        let Some(y) = rows.to_photo(v).checked_sub(visible.y_min) else { continue };
        // An enlarged panel shows each row of the mask more than once.
        if y >= rows_read {
            let runs = runs_of_rows.nth((y - rows_read) as usize);
            rows_read = y + 1;
            spans.clear();
            let on_panel = |x| columns.first_at_or_after(visible.x_min + x) as usize;
            let span = |run: rescue_mask::Run| (on_panel(run.x_start), on_panel(run.x_end));
            spans.extend(runs.into_iter().flatten().map(span).filter(|(start, end)| start < end));
        }
        for (start, end) in &spans {
            row.get_mut(*start..*end).unwrap_or_default().fill(1);
        }
    }
    let mut on_panel = Mask::from_bytes(shown, &inside, 1)?;
    if on_panel.is_empty()
        && let Some(bounds) = part.bounds()
    {
        let x = visible.x_min + bounds.x_min + bounds.width() / 2;
        let y = visible.y_min + bounds.y_min + bounds.height() / 2;
        on_panel.set(columns.to_panel(x), rows.to_panel(y), true);
    }
    Ok(on_panel)
}

/// Returns the box on a panel of size `shown` that shows `area` of the photo. It is empty if the box and the area do
/// not overlap.
pub(crate) fn rect(rect: Rect, area: Bounds, shown: Size) -> Mask {
    let x = |x| between(x, (area.x_min, area.width()), (0, shown.width));
    let y = |y| between(y, (area.y_min, area.height()), (0, shown.height));
    let scaled = Rect { x_min: x(rect.x_min), y_min: y(rect.y_min), x_max: x(rect.x_max), y_max: y(rect.y_max) };
    let mut on_panel = Mask::from_rect(shown, scaled);
    if let (true, Some(visible)) = (on_panel.is_empty(), scaled.clip(shown)) {
        // For a thin box at the border, rounding may place the middle after the last pixel.
        let middle = |from: f64, to: f64, end: u32| (from.midpoint(to) as u32).min(end.saturating_sub(1));
        let x = middle(visible.x_min, visible.x_max, shown.width);
        on_panel.set(x, middle(visible.y_min, visible.y_max, shown.height), true);
    }
    on_panel
}

/// Returns the pixels that are in both boxes, or `None` if there are none.
fn shared(one: Bounds, other: Bounds) -> Option<Bounds> {
    let shared = Bounds {
        x_min: one.x_min.max(other.x_min),
        y_min: one.y_min.max(other.y_min),
        x_max: one.x_max.min(other.x_max),
        y_max: one.y_max.min(other.y_max),
    };
    (shared.width() > 0 && shared.height() > 0).then_some(shared)
}

/// One axis of a panel: `length` pixels of the photo from `start` on, shown by `shown` pixels of the panel. Both
/// numbers are at least 1.
#[derive(Clone, Copy)]
struct Axis {
    start: u32,
    length: u32,
    shown: u32,
}

impl Axis {
    /// Returns the pixel of the photo at the centre of this pixel of the panel.
    fn to_photo(self, pixel: u32) -> u32 {
        let [length, shown, pixel] = [self.length, self.shown, pixel].map(u64::from);
        self.start + ((2 * pixel + 1) * length / (2 * shown).max(1)) as u32
    }

    /// Returns the first pixel of the panel whose centre is at or after this edge between two pixels of the photo. If
    /// there is none, returns the number of pixels of the panel.
    fn first_at_or_after(self, edge: u32) -> u32 {
        let [length, shown, offset] = [self.length, self.shown, edge.saturating_sub(self.start)].map(u64::from);
        // (2 pixel + 1) × length ≥ 2 × shown × offset
        ((2 * shown * offset).div_ceil(length.max(1)) / 2).min(shown) as u32
    }

    /// Returns the pixel of the panel that shows the centre of this pixel of the photo, which must be one of the shown
    /// pixels.
    fn to_panel(self, pixel: u32) -> u32 {
        let [length, shown, offset] = [self.length, self.shown, pixel.saturating_sub(self.start)].map(u64::from);
        ((2 * offset + 1) * shown / (2 * length).max(1)).min(shown.saturating_sub(1)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(mask: &Mask, area: Bounds, shown: Size) -> Result<Mask, MaskError> {
        super::mask(&CompactMask::new(mask.clone()), area, shown)
    }

    const PHOTO: Size = Size::new(150, 90);

    const fn area(x_min: u32, y_min: u32, x_max: u32, y_max: u32) -> Bounds {
        Bounds { x_min, y_min, x_max, y_max }
    }

    fn speckled() -> Mask {
        let mut state = 5_u32;
        Mask::from_fn(PHOTO, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 30 == 0) ^ (x.abs_diff(70).pow(2) + y.abs_diff(40).pow(2) < 900)
        })
    }

    #[test]
    fn a_panel_pixel_is_inside_if_the_photo_pixel_at_its_centre_is() {
        let speckled = speckled();
        for area in [area(0, 0, 150, 90), area(13, 7, 140, 71), area(60, 30, 64, 31)] {
            for shown in
                [Size::new(150, 90), Size::new(64, 31), Size::new(127, 64), Size::new(400, 333), Size::new(1, 7)]
            {
                let to_photo = |pixel: u32, from: u32, length: u32, shown: u32| {
                    let centre = (f64::from(pixel) + 0.5) * f64::from(length) / f64::from(shown);
                    from + centre.floor() as u32
                };
                let expected = Mask::from_fn(shown, |u, v| {
                    let x = to_photo(u, area.x_min, area.width(), shown.width);
                    speckled.get(x, to_photo(v, area.y_min, area.height(), shown.height))
                });
                let found = mask(&speckled, area, shown).unwrap();
                assert!(found == expected || expected.is_empty() && found.area() == 1, "{area:?} on {shown}");
            }
        }
    }

    #[test]
    fn a_visible_mark_keeps_at_least_one_pixel() {
        let shown = Size::new(10, 6);
        let whole = area(0, 0, 150, 90);
        for (x, y) in [(0, 0), (149, 89), (33, 47), (149, 0)] {
            let dot = mask(&Mask::from_fn(PHOTO, |at_x, at_y| (at_x, at_y) == (x, y)), whole, shown).unwrap();
            assert_eq!(dot, Mask::from_fn(shown, |u, v| (u, v) == (x / 15, y / 15)), "{x}, {y}");
            let (x, y) = (f64::from(x), f64::from(y));
            let sliver = Rect { x_min: x, y_min: y, x_max: x + 1.0, y_max: y + 0.001 };
            assert_eq!(rect(sliver, whole, shown), dot, "{x}, {y}");
        }
        // The mask lies on both sides of the shown area, and above it.
        let around = Mask::from_fn(PHOTO, |x, y| !(20..100).contains(&x) || y < 10);
        assert!(mask(&around, area(20, 10, 100, 70), shown).unwrap().is_empty());
        assert!(!mask(&around, area(20, 9, 100, 70), shown).unwrap().is_empty());
        let beside = Rect { x_min: 100.0, y_min: 0.0, x_max: 150.0, y_max: 90.0 };
        assert!(rect(beside, area(20, 10, 100, 70), shown).is_empty());
    }

    #[test]
    fn boxes_are_rounded_to_the_nearest_pixel_edges() {
        let found = rect(
            Rect { x_min: 30.0, y_min: 20.0, x_max: 61.0, y_max: 200.0 },
            area(20, 10, 100, 70),
            Size::new(40, 30),
        );
        assert_eq!(found.bounds(), Some(area(5, 5, 20, 30)));
    }

    #[test]
    fn a_full_mask_stays_full() {
        let all = Mask::from_fn(PHOTO, |_, _| true);
        for shown in [Size::new(7, 3), PHOTO, Size::new(256, 153)] {
            assert_eq!(mask(&all, area(3, 1, 149, 88), shown).unwrap().area(), shown.width * shown.height);
        }
    }
}
