//! Converts masks to polygons of boundary pixels, as OpenCV's `findContours` does.

use rescue_mask::Mask;

/// The most components that become polygons; smaller ones are left out.
const MOST: usize = 32;

/// The eight neighbours, clockwise from the right (y goes down).
const AROUND: [(i64, i64); 8] = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)];

/// The outer boundary of each component, the largest component first. Pixels within straight lines are left out; holes
/// are filled.
pub(super) fn polygons(mask: &Mask) -> Vec<Vec<[i64; 2]>> {
    let mut left = mask.clone();
    let mut polygons = Vec::new();
    while !left.is_empty() && polygons.len() < MOST {
        let largest = left.largest_component();
        polygons.push(straightened(boundary(&largest)));
        if left.subtract(&largest).is_err() {
            break;
        }
    }
    polygons
}

/// The boundary of one component, by Moore neighbour tracing with Jacob's stopping criterion.
fn boundary(mask: &Mask) -> Vec<[i64; 2]> {
    let inside = |x: i64, y: i64| match (u32::try_from(x), u32::try_from(y)) {
        (Ok(x), Ok(y)) => mask.get(x, y),
        _ => false,
    };
    let Some(first) = mask.runs().next() else { return Vec::new() };
    // The first pixel of the first row has no pixel of the mask above it or to its left.
    let start = (i64::from(first.x_start), i64::from(first.y));
    let (mut at, mut from) = (start, 4);
    let mut boundary = vec![[start.0, start.1]];
    let mut first_step = None;
    // Each pixel can be entered from eight sides.
    for _ in 0..u64::from(mask.area()) * 8 {
        let step = (1..=8).map(|turn| (from + turn) % 8).find(|direction| {
            let (dx, dy) = AROUND.get(*direction).copied().unwrap_or_default();
            inside(at.0 + dx, at.1 + dy)
        });
        let Some(step) = step else { break };
        if at == start && first_step == Some(step) {
            break;
        }
        first_step.get_or_insert(step);
        let (dx, dy) = AROUND.get(step).copied().unwrap_or_default();
        at = (at.0 + dx, at.1 + dy);
        boundary.push([at.0, at.1]);
        // The search goes on from the last neighbour that was found to be outside.
        from = if step % 2 == 0 { (step + 6) % 8 } else { (step + 5) % 8 };
    }
    if boundary.len() > 1 {
        boundary.pop();
    }
    boundary
}

fn straightened(points: Vec<[i64; 2]>) -> Vec<[i64; 2]> {
    let count = points.len();
    if count < 3 {
        return points;
    }
    let at = |index: usize| points.get(index % count).copied().unwrap_or_default();
    let turns = |index: &usize| {
        let ([ax, ay], [bx, by], [cx, cy]) = (at(index + count - 1), at(*index), at(index + 1));
        (bx - ax, by - ay) != (cx - bx, cy - by)
    };
    (0..count).filter(turns).map(at).collect()
}

#[cfg(test)]
mod tests {
    use rescue_mask::Size;

    use super::*;

    #[test]
    fn rectangles_have_four_corners() {
        let mask = Mask::from_fn(Size::new(20, 20), |x, y| (3..9).contains(&x) && (2..7).contains(&y));
        assert_eq!(polygons(&mask), [[[3, 2], [8, 2], [8, 6], [3, 6]]]);
    }

    #[test]
    fn each_component_is_a_polygon() {
        let mask = Mask::from_fn(Size::new(9, 9), |x, y| (x, y) == (0, 0) || (x > 3 && y > 3));
        assert_eq!(polygons(&mask).len(), 2);
        assert_eq!(polygons(&mask)[1], [[0, 0]]);
        assert!(polygons(&Mask::new(Size::new(4, 4))).is_empty());
    }

    #[test]
    fn a_disc_and_its_polygon_have_nearly_the_same_area() {
        let mask = Mask::from_fn(Size::new(100, 100), |x, y| x.abs_diff(50).pow(2) + y.abs_diff(50).pow(2) <= 900);
        let polygon = &polygons(&mask)[0];
        // The polygon runs through pixel centres, so its area (shoelace formula) lacks half a pixel all around.
        let pairs = polygon.iter().zip(polygon.iter().cycle().skip(1));
        let area: i64 = pairs.map(|([ax, ay], [bx, by])| ax * by - bx * ay).sum();
        let area = area as f64 / 2.0;
        assert!((f64::from(mask.area()) - area - 95.0).abs() < 30.0, "{area} {}", mask.area());
        assert!(polygon.iter().all(|[x, y]| mask.get(*x as u32, *y as u32)));
    }
}
