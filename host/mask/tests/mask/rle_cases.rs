//! Compares the results for about two hundred masks with those of `pycocotools` (see `make_rle_cases.py`).

use rescue_mask::{Bounds, Mask, Rle, Size, iou_matrix};
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
    ious: Vec<Ious>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// The height and the width.
    size: [u32; 2],
    /// The lengths of the runs in row order, alternately outside and inside.
    runs: Vec<usize>,
    counts: String,
    area: u32,
    /// The left edge, the top edge, the width and the height.
    bbox: [u32; 4],
}

#[derive(Deserialize)]
struct Ious {
    cases: Vec<usize>,
    matrix: Vec<String>,
}

impl Ious {
    fn matrix(&self) -> Vec<f64> {
        self.matrix.iter().map(|iou| iou.parse().unwrap()).collect()
    }
}

impl Case {
    fn size(&self) -> Size {
        Size::new(self.size[1], self.size[0])
    }

    fn mask(&self) -> Mask {
        let values = [false, true].into_iter().cycle();
        let pixels: Vec<bool> = self.runs.iter().zip(values).flat_map(|(run, inside)| vec![inside; *run]).collect();
        Mask::from_slice(self.size(), &pixels, |inside| *inside).unwrap()
    }
}

fn table() -> Table {
    serde_json::from_str(include_str!("../rle_cases.json")).unwrap()
}

#[test]
fn encodes_the_same_bytes() {
    for case in table().cases {
        assert_eq!(case.mask().to_rle().encode_string(), case.counts, "{}", case.name);
    }
}

#[test]
fn decodes_the_same_pixels() {
    for case in table().cases {
        let rle = Rle::parse_string(case.size(), &case.counts).unwrap();
        assert_eq!(rle, case.mask().to_rle(), "{}", case.name);
        assert_eq!(rle.to_mask(), case.mask(), "{}", case.name);
    }
}

#[test]
fn json_is_that_of_coco_tools() {
    for case in table().cases {
        let json = serde_json::json!({"size": case.size, "counts": case.counts});
        let rle: Rle = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(rle.to_mask(), case.mask(), "{}", case.name);
        assert_eq!(serde_json::to_value(&rle).unwrap(), json, "{}", case.name);
        let numbers = serde_json::json!({"size": case.size, "counts": rle.counts()});
        assert_eq!(serde_json::from_value::<Rle>(numbers).unwrap(), rle, "{}", case.name);
    }
}

#[test]
fn measures_the_same() {
    for case in table().cases {
        let mask = case.mask();
        assert_eq!(mask.area(), case.area, "{}", case.name);
        assert_eq!(mask.to_rle().area(), case.area, "{}", case.name);
        let [x_min, y_min, width, height] = case.bbox;
        let bounds = Bounds { x_min, y_min, x_max: x_min + width, y_max: y_min + height };
        assert_eq!(mask.bounds(), (case.area > 0).then_some(bounds), "{}", case.name);
    }
}

#[test]
fn compares_the_same() {
    let table = table();
    for ious in &table.ious {
        let masks: Vec<Mask> = ious.cases.iter().map(|index| table.cases[*index].mask()).collect();
        assert_eq!(iou_matrix(&masks).unwrap(), ious.matrix());
    }
    assert!(table.ious.iter().any(|ious| ious.matrix().iter().any(|iou| *iou > 0.0 && *iou < 1.0)));
}
