//! Compares the masks with those of pycocotools and OpenCV (see `tests/polygons.py`).

use rescue_mask::{Mask, Size};
use serde::Deserialize;

use super::{PolygonError, coco, cv2};

#[derive(Deserialize)]
struct Table {
    coco: Vec<Case<Vec<f64>>>,
    cv2: Vec<Case<(i32, i32)>>,
}

/// The width, the height, the polygons or the points, and the run lengths.
#[derive(Deserialize)]
struct Case<T>(u32, u32, Vec<T>, String);

impl<T: std::fmt::Debug> Case<T> {
    fn check(&self, name: &str, draw: impl Fn(Size, &[T]) -> Result<Mask, PolygonError>) {
        let mask = draw(Size::new(self.0, self.1), &self.2).unwrap();
        assert_eq!(mask.to_rle().encode_string(), self.3, "{name}, {}×{}: {:?}", self.0, self.1, self.2);
    }
}

fn table() -> Table {
    let more = std::env::var("RESCUE_POLYGONS").map(|path| std::fs::read_to_string(path).unwrap());
    serde_json::from_str(more.as_deref().unwrap_or(include_str!("../../tests/polygons.json"))).unwrap()
}

#[test]
fn draws_as_pycocotools_does() {
    table().coco.iter().for_each(|case| case.check("coco", coco));
}

#[test]
fn draws_as_opencv_does() {
    table().cv2.iter().for_each(|case| case.check("cv2", cv2));
}

fn mask(rows: &[&str]) -> Mask {
    let size = Size::new(rows[0].len() as u32, rows.len() as u32);
    Mask::from_fn(size, |x, y| rows[y as usize].as_bytes()[x as usize] == b'#')
}

#[test]
fn coco_has_pixels_whose_middle_is_inside_and_opencv_has_the_outline_too() {
    let size = Size::new(4, 3);
    let square = coco(size, &[vec![1.0, 1.0, 3.0, 1.0, 3.0, 3.0, 1.0, 3.0]]).unwrap();
    assert_eq!(square, mask(&["....", ".##.", ".##."]));
    let square = cv2(size, &[(1, 0), (3, 0), (3, 1), (1, 1)]).unwrap();
    assert_eq!(square, mask(&[".###", ".###", "...."]));
}

#[test]
fn nothing_makes_an_empty_mask() {
    for size in [Size::new(3, 2), Size::new(0, 2), Size::new(2, 0), Size::new(0, 0)] {
        assert_eq!(coco(size, &[]), Ok(Mask::new(size)));
        assert_eq!(cv2(size, &[]), Ok(Mask::new(size)));
    }
    for size in [Size::new(0, 2), Size::new(2, 0)] {
        assert_eq!(coco(size, &[vec![-5.0, -5.0, 9.0, -5.0, 9.0, 9.0]]), Ok(Mask::new(size)));
        assert_eq!(cv2(size, &[(-5, -5), (9, -5), (9, 9)]), Ok(Mask::new(size)));
    }
}

#[test]
fn refuses_what_is_no_polygon() {
    let coco = |numbers: &[f64]| coco(Size::new(4, 3), &[vec![0.0; 6], numbers.to_vec()]).map(|_| ());
    assert_eq!(coco(&[1.0; 7]), Err(PolygonError::Odd { polygon: 1, found: 7 }));
    assert_eq!(coco(&[1.0; 4]), Err(PolygonError::TooFew { polygon: 1, found: 4 }));
    assert_eq!(coco(&[]), Err(PolygonError::TooFew { polygon: 1, found: 0 }));
    let last = |value| coco(&[0.0, 0.0, 1.0, 0.0, 1.0, value]);
    assert_eq!(last(1e6), Ok(()));
    for value in [-1_000_001.0, 1e300, f64::INFINITY] {
        assert_eq!(last(value), Err(PolygonError::Coordinate { polygon: 1, value }));
    }
    assert!(matches!(last(f64::NAN), Err(PolygonError::Coordinate { polygon: 1, value }) if value.is_nan()));
    let size = Size::new(1, 65_536);
    assert_eq!(super::coco(size, &[]), Err(PolygonError::Size { size }));
    assert_eq!(cv2(size, &[]), Err(PolygonError::Size { size }));
}

#[test]
fn the_work_is_bounded() {
    let size = Size::new(5, 40_000);
    let zigzag: Vec<(i32, i32)> = [(0, i32::MIN), (4, i32::MAX)].repeat(500);
    assert_eq!(cv2(size, &zigzag), Err(PolygonError::TooLong));
    let zigzag: Vec<f64> = [0.0, -1e6, 4.0, 1e6].repeat(500);
    assert_eq!(coco(size, &[zigzag]), Err(PolygonError::TooLong));
    // Far outside, there is nothing to do, however long an edge is.
    let far = [(i32::MIN, i32::MIN), (i32::MAX, i32::MIN), (i32::MIN, -1)].repeat(100_000);
    assert_eq!(cv2(size, &far).unwrap().area(), 0);
}

#[test]
fn the_largest_coordinates_do_no_harm() {
    let ends = [i32::MIN, i32::MIN + 1, -1, 0, 1, 2, i32::MAX - 1, i32::MAX];
    let points: Vec<(i32, i32)> = ends.iter().flat_map(|x| ends.map(|y| (*x, y))).collect();
    for size in [Size::new(1, 1), Size::new(3, 2), Size::new(65_535, 1), Size::new(1, 300)] {
        for (i, a) in points.iter().enumerate() {
            for (j, b) in points.iter().enumerate().take(i).step_by(3) {
                let c = points[(i * 7 + j * 3) % points.len()];
                cv2(size, &[*a, *b, c]).unwrap();
            }
        }
    }
}
