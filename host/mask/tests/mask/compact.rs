//! Tests that compact masks agree with bit masks.

use crate::naive::{Random, samples};
use rescue_mask::{Bounds, CompactMask, Mask, MaskError, Size, iou_matrix};

/// Small masks, of which most are kept as bits, and large ones, of which all but the noise are kept as run lengths.
fn masks() -> Vec<Mask> {
    let small = samples().into_iter().map(|naive| naive.mask());
    let large = [(700, 500), (300, 1030)].map(|(width, height)| Size::new(width, height)).map(|size| {
        let disc = |r: u32| {
            move |x: u32, y: u32| x.abs_diff(size.width / 2).pow(2) + y.abs_diff(size.height / 2).pow(2) < r * r
        };
        let discs = [1, 20, 240, 900].map(|r| Mask::from_fn(size, disc(r)));
        let others = [
            Mask::from_fn(size, |x, _| (40..90).contains(&x) || x + 1 == size.width),
            Mask::from_fn(size, |x, y| (y < 9 || y + 3 > size.height) && x > 5),
            Mask::from_fn(size, |x, y| (x * 7 + y * 13) % 3 == 0),
        ];
        discs.into_iter().chain(others)
    });
    small.chain(large.into_iter().flatten()).collect()
}

#[test]
fn a_compact_mask_has_the_pixels_and_measures_of_its_mask() {
    for mask in masks() {
        let compact = CompactMask::new(mask.clone());
        assert_eq!((compact.size(), compact.area(), compact.bounds()), (mask.size(), mask.area(), mask.bounds()));
        assert_eq!(compact.to_mask(), mask);
        assert_eq!(*compact.to_rle(), mask.to_rle());
    }
}

#[test]
fn a_part_is_cut_out() {
    let mut random = Random::new(7);
    for mask in masks() {
        let size = mask.size();
        let compact = CompactMask::new(mask.clone());
        for _ in 0..20 {
            let mut edge = |side: u32| random.below(u64::from(side) + 3) as u32;
            let (x_min, y_min) = (edge(size.width), edge(size.height));
            let area = Bounds { x_min, y_min, x_max: x_min + edge(size.width), y_max: y_min + edge(size.height) };
            let part = compact.part(area);
            let side = |min: u32, max: u32, end: u32| max.min(end).saturating_sub(min);
            let (width, height) = (side(x_min, area.x_max, size.width), side(y_min, area.y_max, size.height));
            assert_eq!(part.size(), Size::new(width, height));
            assert_eq!(part, Mask::from_fn(part.size(), |x, y| mask.get(x_min + x, y_min + y)), "{size} {area:?}");
        }
        let whole = Bounds { x_min: 0, y_min: 0, x_max: u32::MAX, y_max: u32::MAX };
        assert_eq!(compact.part(whole), mask);
    }
}

#[test]
fn ious_are_those_of_the_masks() {
    for masks in masks().chunk_by(|one, other| one.size() == other.size()) {
        let compact: Vec<CompactMask> = masks.iter().cloned().map(CompactMask::new).collect();
        let expected = iou_matrix(masks).unwrap();
        assert_eq!(CompactMask::iou_matrix(&compact).unwrap(), expected);
        let pairs = compact.iter().flat_map(|one| compact.iter().map(move |other| one.iou(other).unwrap()));
        assert_eq!(pairs.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn different_sizes_are_refused() {
    let [one, other] = [3, 4].map(|width| CompactMask::new(Mask::new(Size::new(width, 3))));
    let error = MaskError::SizesDiffer { left: one.size(), right: other.size() };
    assert_eq!(one.iou(&other), Err(error));
    assert_eq!(CompactMask::iou_matrix(&[one, other]), Err(error));
    assert_eq!(CompactMask::iou_matrix::<CompactMask>(&[]), Ok(Vec::new()));
}
