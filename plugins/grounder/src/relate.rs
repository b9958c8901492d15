//! How well a relation holds between two or three boxes, from 0 to 1.

use rescue_phrase::RelationKind;
use rescue_plugin_sdk::math::{exp, logistic, sqrt};
use rescue_plugin_sdk::{Rect, Size};

/// How well the relation holds: "`a` is left of `b`" for `LeftOf`.
#[must_use]
pub fn fit(kind: RelationKind, a: &Rect, b: &Rect, image: Size) -> f64 {
    let whole = image.rect();
    let (ax, ay) = a.centre();
    let (bx, by) = b.centre();
    // How much further right and down the centre of `b` is, in units of 1/40 of the image (`lower`: 1/50).
    let right = (bx - ax) / (whole.width() * 0.025).max(1.0);
    let down = (by - ay) / (whole.height() * 0.025).max(1.0);
    let lower = (b.y_max - a.y_max) / (whole.height() * 0.02).max(1.0);
    let near = near(a, b, &whole);
    // People seldom say "left of" for things at very different heights, or "above" for things that are far apart
    // sideways.
    let level = 0.5 + 0.5 * overlap(a.y_min, a.y_max, b.y_min, b.y_max);
    let stacked = 0.3 + 0.7 * overlap(a.x_min, a.x_max, b.x_min, b.x_max);
    let close = 0.6 + 0.4 * near;
    match kind {
        RelationKind::LeftOf => logistic(right) * level * close,
        RelationKind::RightOf => logistic(-right) * level * close,
        RelationKind::Above => logistic(down) * stacked * close,
        RelationKind::Below => logistic(-down) * stacked * close,
        RelationKind::On => logistic(down) * stacked * touching(a, b, near),
        RelationKind::Inside => a.share_in(b),
        RelationKind::Near | RelationKind::Between => near,
        RelationKind::Behind => logistic(lower) * near,
        RelationKind::InFrontOf => logistic(-lower) * near,
        RelationKind::With => touching(a, b, near),
    }
}

/// How well `a` lies between `b` and `c`: 1 on the line between their centres, and less the longer the detour over `a`
/// is.
#[must_use]
pub fn between(a: &Rect, b: &Rect, c: &Rect) -> f64 {
    let way = distance(b, a) + distance(a, c);
    let straight = if way > 0.0 { distance(b, c) / way } else { 0.0 };
    straight * straight * straight * straight
}

/// How near two boxes are: 1 if they touch, and less the further they are apart.
fn near(a: &Rect, b: &Rect, whole: &Rect) -> f64 {
    let scale = sqrt(whole.width() * whole.width() + whole.height() * whole.height()) * 0.12;
    exp(-a.gap(b) / scale.max(1.0))
}

/// How well two boxes touch: near, and the smaller one mostly inside the other.
fn touching(a: &Rect, b: &Rect, near: f64) -> f64 {
    let within = a.share_in(b).max(b.share_in(a));
    near * (0.4 + 0.6 * (within * 2.0).min(1.0))
}

/// The overlap of two intervals as a share of the shorter one, from 0 to 1.
fn overlap(a_min: f64, a_max: f64, b_min: f64, b_max: f64) -> f64 {
    let shorter = (a_max - a_min).min(b_max - b_min);
    if shorter > 0.0 { ((a_max.min(b_max) - a_min.max(b_min)) / shorter).clamp(0.0, 1.0) } else { 0.0 }
}

/// The distance between the centres of two boxes.
fn distance(a: &Rect, b: &Rect) -> f64 {
    let ((ax, ay), (bx, by)) = (a.centre(), b.centre());
    sqrt((ax - bx) * (ax - bx) + (ay - by) * (ay - by))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: Size = Size { width: 400, height: 200 };

    const fn at(x: f64, y: f64) -> Rect {
        Rect { x_min: x - 20.0, y_min: y - 20.0, x_max: x + 20.0, y_max: y + 20.0 }
    }

    #[test]
    fn opposite_relations_mirror_each_other() {
        let (a, b) = (at(100.0, 100.0), at(300.0, 100.0));
        for (kind, opposite) in [
            (RelationKind::LeftOf, RelationKind::RightOf),
            (RelationKind::Above, RelationKind::Below),
            (RelationKind::Behind, RelationKind::InFrontOf),
        ] {
            for (a, b) in [(&a, &b), (&at(100.0, 50.0), &at(110.0, 150.0))] {
                assert!((fit(kind, a, b, IMAGE) - fit(opposite, b, a, IMAGE)).abs() < 1e-12);
            }
        }
        assert!(fit(RelationKind::LeftOf, &a, &b, IMAGE) > 5.0 * fit(RelationKind::RightOf, &a, &b, IMAGE));
    }

    #[test]
    fn nearer_boxes_and_boxes_in_between_fit_better() {
        let a = at(100.0, 100.0);
        assert!(
            fit(RelationKind::Near, &a, &at(150.0, 100.0), IMAGE)
                > fit(RelationKind::Near, &a, &at(300.0, 100.0), IMAGE)
        );
        assert!(between(&at(200.0, 100.0), &a, &at(300.0, 100.0)) > 0.99);
        assert!(between(&at(350.0, 100.0), &a, &at(300.0, 100.0)) < 0.3);
        assert!(
            fit(RelationKind::On, &at(100.0, 80.0), &a, IMAGE) > fit(RelationKind::On, &a, &at(100.0, 80.0), IMAGE)
        );
    }
}
