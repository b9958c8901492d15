//! Hypotheses about one choice, and in which order they are proposed.

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Point, Prompt, Random, Rect};

/// What is made of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The box itself.
    Box,
    /// The box and its middle.
    BoxPoint,
    /// The box, moved and grown a little; each number is another draw.
    Jitter(u32),
    /// Points inside and no box: the number of points is this and one more.
    Points(u32),
    /// Upper, lower, left or right half.
    Part(u32),
}

impl Variant {
    /// How good it is on average, compared with the box. Measured nowhere: boxes are what executors know best, a jittered box
    /// is a slightly wrong box, points leave open how much is meant, and a half is only right where the box is wrong.
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

    /// As reports call it.
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

    /// The prompt for a box.
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

/// All variants of a choice, with this many jittered boxes.
fn variants(jitters: u32) -> impl Iterator<Item = Variant> {
    let fixed = [Variant::Box, Variant::BoxPoint];
    let points = (0..5).map(Variant::Points);
    let parts = (0..4).map(Variant::Part);
    fixed.into_iter().chain((0..jitters).map(Variant::Jitter)).chain(points).chain(parts)
}

/// Which variant of which choice comes when, for choices with these fits, best first: the boxes of the best three, then
/// whatever is most likely, fit × prior. So each beginning of the list is the best list of its length but for those three.
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

/// A box moved by up to `most` of its size, and as much larger or smaller.
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
    fn boxes_come_first_and_every_id_differs() {
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
    fn a_shorter_plan_begins_a_longer_one() {
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
