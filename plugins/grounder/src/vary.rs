//! Variants of a choice (box, points, jittered box, part), and the order in which they are proposed.

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Point, Prompt, Random, Rect};

/// A way to turn the box of an object into a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The box itself.
    Box,
    /// The box and its centre as a point.
    BoxPoint,
    /// The box, moved and resized a little at random; the number is the index of the draw.
    Jitter(u32),
    /// Points inside the box without the box: this number of points plus one.
    Points(u32),
    /// A half of the box: upper, lower, left or right for 0 to 3.
    Part(u32),
}

impl Variant {
    /// How good this variant is on average, compared with the plain box (1). These numbers are estimates and were not
    /// measured: executors handle boxes best, a jittered box is slightly wrong, points do not say how large the object
    /// is, and a half is right only if the box is wrong.
    #[must_use]
    pub fn prior(self) -> f64 {
        match self {
            Self::Box => 1.0,
            Self::BoxPoint => 0.9,
            Self::Jitter(draw) => 0.8 / (1.0 + 0.06 * f64::from(draw)),
            Self::Points(more) => 0.7 - 0.04 * f64::from(more),
            Self::Part(half) => 0.35 - 0.02 * f64::from(half),
        }
    }

    /// The origin of its hypotheses, as reports show it.
    #[must_use]
    pub fn origin(self) -> &'static str {
        match self {
            Self::Box => "box",
            Self::BoxPoint => "box+point",
            Self::Jitter(_) => "jitter",
            Self::Points(_) => "points",
            Self::Part(_) => "part",
        }
    }

    /// The prompt for the box `rect`. `jitter` is the largest move of a jittered box, as a share of its size.
    #[must_use]
    pub fn prompt(self, rect: Rect, jitter: f64, random: &Random) -> Prompt {
        let prompt = |rect, points: Vec<Point>| Prompt { concept: String::new(), rect, points };
        match self {
            Self::Box => prompt(Some(rect), vec![]),
            Self::BoxPoint => prompt(Some(rect), vec![rect.point(0.5, 0.5)]),
            Self::Jitter(draw) => {
                prompt(Some(jittered(&rect, jitter, random.named("jitter", u64::from(draw)))), vec![])
            }
            Self::Points(more) => {
                let grid = [(0.5, 0.5), (0.5, 0.3), (0.5, 0.7), (0.35, 0.5), (0.65, 0.5)];
                let taken = usize::try_from(more).unwrap_or(0) + 1;
                prompt(None, grid.into_iter().take(taken).map(|(x, y)| rect.point(x, y)).collect())
            }
            Self::Part(half) => prompt(
                Some(match half {
                    0 => rect.part(0.0, 0.0, 1.0, 0.5),
                    1 => rect.part(0.0, 0.5, 1.0, 1.0),
                    2 => rect.part(0.0, 0.0, 0.5, 1.0),
                    _ => rect.part(0.5, 0.0, 1.0, 1.0),
                }),
                vec![],
            ),
        }
    }
}

/// All variants, with this many jittered boxes.
fn variants(jitters: u32) -> impl Iterator<Item = Variant> {
    let fixed = [Variant::Box, Variant::BoxPoint];
    let points = (0..5).map(Variant::Points);
    let parts = (0..4).map(Variant::Part);
    fixed.into_iter().chain((0..jitters).map(Variant::Jitter)).chain(points).chain(parts)
}

/// The variants to propose, as pairs of the index of the choice and the variant; at most `count` of them. `fits` has
/// the fits of the choices, best first; only the first `followed` choices get other variants than the plain box.
///
/// The boxes of the best three choices come first, then the most likely variants by fit × prior. So a shorter list is
/// the beginning of a longer one.
#[must_use]
pub fn schedule(fits: &[f64], count: usize, followed: usize) -> Vec<(usize, Variant)> {
    let jitters = u32::try_from(count).unwrap_or(u32::MAX);
    let mut all: Vec<(usize, Variant, f64)> = Vec::new();
    for (choice, fit) in fits.iter().enumerate().take(count) {
        let all_variants = if choice < followed { usize::MAX } else { 1 };
        all.extend(variants(jitters).take(all_variants).map(|variant| (choice, variant, fit * variant.prior())));
    }
    all.sort_by(|(a, av, ap), (b, bv, bp)| {
        let first = |choice: usize, variant: Variant| choice < 3 && variant == Variant::Box;
        first(*b, *bv).cmp(&first(*a, *av)).then(bp.total_cmp(ap)).then(a.cmp(b))
    });
    all.into_iter().take(count).map(|(choice, variant, _)| (choice, variant)).collect()
}

/// The box, moved by at most `most` of half its size, and with edges moved in or out by as much.
fn jittered(rect: &Rect, most: f64, mut random: Random) -> Rect {
    let (dx, dy) =
        (random.between(-most, most) * rect.width() / 2.0, random.between(-most, most) * rect.height() / 2.0);
    let (gx, gy) =
        (random.between(-most, most) * rect.width() / 2.0, random.between(-most, most) * rect.height() / 2.0);
    Rect {
        x_min: rect.x_min + dx - gx,
        y_min: rect.y_min + dy - gy,
        x_max: rect.x_max + dx + gx,
        y_max: rect.y_max + dy + gy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_come_first_and_all_variants_differ() {
        let plan = schedule(&[0.9, 0.5, 0.1, 0.05], 64, 2);
        assert_eq!(plan.len(), 64);
        assert_eq!(plan[..3], [(0, Variant::Box), (1, Variant::Box), (2, Variant::Box)]);
        assert_eq!(plan[3], (0, Variant::BoxPoint));
        for (index, one) in plan.iter().enumerate() {
            assert!(!plan[..index].contains(one));
        }
        assert!(schedule(&[], 8, 2).is_empty());
        assert_eq!(schedule(&[1.0, 1.0], 1, 2), [(0, Variant::Box)]);
    }

    #[test]
    fn a_shorter_schedule_is_the_beginning_of_a_longer_one() {
        let long = schedule(&[0.9, 0.5, 0.3, 0.2], 40, 4);
        for count in 4..40 {
            assert_eq!(schedule(&[0.9, 0.5, 0.3, 0.2], count, 4), long[..count]);
        }
    }

    #[test]
    fn jitter_stays_small() {
        let rect = Rect { x_min: 10.0, y_min: 10.0, x_max: 110.0, y_max: 60.0 };
        for draw in 0..50 {
            let moved = Variant::Jitter(draw).prompt(rect, 0.1, &Random::new(1)).rect.unwrap();
            assert!(moved.iou(&rect) > 0.7 && moved != rect);
        }
    }
}
