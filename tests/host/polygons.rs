//! Tests of the polygon filling that draws the ground truth.

use rescue_core::{Rect, Size};
use rescue_mask::Mask;
use rescue_tests::truth::filled;

const SIZE: Size = Size::new(20, 10);

#[test]
fn a_rectangular_polygon_is_a_box() {
    let rect = Rect { x_min: 2.0, y_min: 3.0, x_max: 7.0, y_max: 9.0 };
    for corners in [[(2.0, 3.0), (7.0, 3.0), (7.0, 9.0), (2.0, 9.0)], [(2.0, 9.0), (7.0, 9.0), (7.0, 3.0), (2.0, 3.0)]]
    {
        assert_eq!(filled(&corners, SIZE), Mask::from_rect(SIZE, rect));
    }
}

#[test]
fn a_triangle_is_half_a_box() {
    // The centres of the diagonal's pixels lie on the edge, so these pixels may count or not.
    let triangle = filled(&[(0.0, 0.0), (10.0, 10.0), (0.0, 10.0)], SIZE);
    assert!((45..=55).contains(&triangle.area()), "{}", triangle.area());
    assert!(triangle.get(0, 9) && !triangle.get(9, 0));
}

#[test]
fn an_area_that_is_covered_twice_is_outside() {
    let twice = filled(
        &[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (3.0, 9.0), (3.0, 3.0), (12.0, 3.0), (12.0, 6.0), (0.0, 6.0)],
        SIZE,
    );
    assert!(twice.get(1, 1) && !twice.get(5, 4) && twice.get(5, 7) && twice.get(10, 4));
}

#[test]
fn a_polygon_is_clipped_to_the_image() {
    assert_eq!(filled(&[(-5.0, -5.0), (50.0, -5.0), (50.0, 50.0), (-5.0, 50.0)], SIZE).area(), 200);
    assert!(filled(&[], SIZE).is_empty());
}
