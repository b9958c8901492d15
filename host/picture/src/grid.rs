//! Maps the targets of marks to the pixels of a panel.
//!
//! A pixel of a panel is inside a mask if the pixel of the photo beneath its centre is. So thin objects may come out dashed if the photo
//! shrinks. But a mask that is partly in the view never vanishes: it keeps at least the pixel in its middle. A box has the pixels whose
//! centres are inside it, and also keeps the one in its middle.

use rescue_core::{Rect, Size};
use rescue_mask::{Bounds, Mask, MaskError};

use crate::recipe::between;

/// The mask on a panel of size `shown` that shows `area`. It is empty if the mask and the area do not overlap.
pub(crate) fn mask(mask: &Mask, area: Bounds, shown: Size) -> Result<Mask, MaskError> {
    let columns = Axis { start: area.x_min, length: area.width(), shown: shown.width };
    let rows = Axis { start: area.y_min, length: area.height(), shown: shown.height };
    let mut inside = vec![0_u8; shown.pixels() as usize];
    let mut runs_of_rows = mask.row_runs();
    // The number of mask rows read so far, and the runs of the last one.
    let mut passed = 0;
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (v, row) in (0..).zip(inside.chunks_exact_mut((shown.width as usize).max(1))) {
        let y = rows.beneath(v);
        // An enlarged panel shows each row of the mask more than once.
        if y >= passed {
            let runs = runs_of_rows.nth((y - passed) as usize);
            passed = y + 1;
            stretches.clear();
            let on_panel = |x| columns.first_from(x) as usize;
            let stretch = |run: rescue_mask::Run| (on_panel(run.x_start), on_panel(run.x_end));
            stretches.extend(runs.into_iter().flatten().map(stretch).filter(|(start, end)| start < end));
        }
        for (start, end) in &stretches {
            row.get_mut(*start..*end).unwrap_or_default().fill(1);
        }
    }
    let mut on_panel = Mask::from_bytes(shown, &inside, 1)?;
    if on_panel.is_empty()
        && let Some((x, y)) = middle(mask, area)
    {
        on_panel.set(columns.above(x), rows.above(y), true);
    }
    Ok(on_panel)
}

/// The box on a panel of size `shown` that shows `area`. It is empty if the box and the area do not overlap.
pub(crate) fn rect(rect: Rect, area: Bounds, shown: Size) -> Mask {
    let x = |x| between(x, (area.x_min, area.width()), (0, shown.width));
    let y = |y| between(y, (area.y_min, area.height()), (0, shown.height));
    let scaled = Rect { x_min: x(rect.x_min), y_min: y(rect.y_min), x_max: x(rect.x_max), y_max: y(rect.y_max) };
    let mut on_panel = Mask::from_rect(shown, scaled);
    if let (true, Some(seen)) = (on_panel.is_empty(), scaled.clip(shown)) {
        // For a sliver at the border, rounding may put its middle behind the last pixel.
        let middle = |from: f64, to: f64, end: u32| (from.midpoint(to) as u32).min(end.saturating_sub(1));
        let x = middle(seen.x_min, seen.x_max, shown.width);
        on_panel.set(x, middle(seen.y_min, seen.y_max, shown.height), true);
    }
    on_panel
}

/// The middle of the bounds of the mask's visible part.
fn middle(mask: &Mask, area: Bounds) -> Option<(u32, u32)> {
    let mut seen: Option<Bounds> = None;
    let rows = mask.row_runs().take(area.y_max as usize).skip(area.y_min as usize);
    for run in rows.flatten() {
        let (x_min, x_max) = (run.x_start.max(area.x_min), run.x_end.min(area.x_max));
        if x_min < x_max {
            let before = seen.unwrap_or(Bounds { x_min, y_min: run.y, x_max, y_max: run.y + 1 });
            let (x_min, x_max) = (before.x_min.min(x_min), before.x_max.max(x_max));
            seen = Some(Bounds { x_min, y_min: before.y_min, x_max, y_max: run.y + 1 });
        }
    }
    seen.map(|seen| (seen.x_min + seen.width() / 2, seen.y_min + seen.height() / 2))
}

/// One axis of a panel: a stretch of the photo, and the number of panel pixels that show it. Both are at least one pixel.
#[derive(Clone, Copy)]
struct Axis {
    start: u32,
    length: u32,
    shown: u32,
}

impl Axis {
    /// The pixel of the photo beneath the centre of this pixel of the panel.
    fn beneath(self, pixel: u32) -> u32 {
        let [length, shown, pixel] = [self.length, self.shown, pixel].map(u64::from);
        self.start + ((2 * pixel + 1) * length / (2 * shown).max(1)) as u32
    }

    /// The first pixel of the panel whose centre is at or behind this edge between pixels of the photo; at most one behind the
    /// last.
    fn first_from(self, edge: u32) -> u32 {
        let [length, shown, offset] = [self.length, self.shown, edge.saturating_sub(self.start)].map(u64::from);
        // (2 pixel + 1) × length ≥ 2 × shown × offset
        ((2 * shown * offset).div_ceil(length.max(1)) / 2).min(shown) as u32
    }

    /// The pixel of the panel that shows the centre of this pixel of the photo, which is in the stretch.
    fn above(self, pixel: u32) -> u32 {
        let [length, shown, offset] = [self.length, self.shown, pixel.saturating_sub(self.start)].map(u64::from);
        ((2 * offset + 1) * shown / (2 * length).max(1)).min(shown.saturating_sub(1)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_pixel_is_inside_where_the_one_beneath_its_centre_is() {
        let speckled = speckled();
        for area in [area(0, 0, 150, 90), area(13, 7, 140, 71), area(60, 30, 64, 31)] {
            for shown in
                [Size::new(150, 90), Size::new(64, 31), Size::new(127, 64), Size::new(400, 333), Size::new(1, 7)]
            {
                let beneath = |pixel: u32, from: u32, length: u32, shown: u32| {
                    let centre = (f64::from(pixel) + 0.5) * f64::from(length) / f64::from(shown);
                    from + centre.floor() as u32
                };
                let expected = Mask::from_fn(shown, |u, v| {
                    let x = beneath(u, area.x_min, area.width(), shown.width);
                    speckled.get(x, beneath(v, area.y_min, area.height(), shown.height))
                });
                let found = mask(&speckled, area, shown).unwrap();
                assert!(found == expected || expected.is_empty() && found.area() == 1, "{area:?} on {shown}");
            }
        }
    }

    #[test]
    fn what_is_in_sight_keeps_a_pixel() {
        let shown = Size::new(10, 6);
        let whole = area(0, 0, 150, 90);
        for (x, y) in [(0, 0), (149, 89), (33, 47), (149, 0)] {
            let dot = mask(&Mask::from_fn(PHOTO, |at_x, at_y| (at_x, at_y) == (x, y)), whole, shown).unwrap();
            assert_eq!(dot, Mask::from_fn(shown, |u, v| (u, v) == (x / 15, y / 15)), "{x}, {y}");
            let (x, y) = (f64::from(x), f64::from(y));
            let sliver = Rect { x_min: x, y_min: y, x_max: x + 1.0, y_max: y + 0.001 };
            assert_eq!(rect(sliver, whole, shown), dot, "{x}, {y}");
        }
        // To both sides of the shown area, and above it within its columns.
        let around = Mask::from_fn(PHOTO, |x, y| !(20..100).contains(&x) || y < 10);
        assert!(mask(&around, area(20, 10, 100, 70), shown).unwrap().is_empty());
        assert!(!mask(&around, area(20, 9, 100, 70), shown).unwrap().is_empty());
        let beside = Rect { x_min: 100.0, y_min: 0.0, x_max: 150.0, y_max: 90.0 };
        assert!(rect(beside, area(20, 10, 100, 70), shown).is_empty());
    }

    #[test]
    fn boxes_land_on_the_nearest_edges() {
        let found = rect(
            Rect { x_min: 30.0, y_min: 20.0, x_max: 61.0, y_max: 200.0 },
            area(20, 10, 100, 70),
            Size::new(40, 30),
        );
        assert_eq!(found.bounds(), Some(area(5, 5, 20, 30)));
    }

    #[test]
    fn everything_stays_everything() {
        let all = Mask::from_fn(PHOTO, |_, _| true);
        for shown in [Size::new(7, 3), PHOTO, Size::new(256, 153)] {
            assert_eq!(mask(&all, area(3, 1, 149, 88), shown).unwrap().area(), shown.width * shown.height);
        }
    }
}
