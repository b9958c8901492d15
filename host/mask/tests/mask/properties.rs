//! Tests that the bit masks agree with plain lists of pixels.

use crate::naive::{Naive, Random, SIZES, samples};
use rescue_mask::{Bounds, Mask, MaskError, Rect, Size, iou_matrix};

#[test]
fn constructors_agree() {
    for naive in samples() {
        let mask = naive.mask();
        assert_eq!(Naive::of(&mask), naive);
        assert_eq!(Mask::from_fn(naive.size(), |x, y| naive.get(x.into(), y.into())), mask);
        let bytes: Vec<u8> = naive.pixels.iter().map(|inside| if *inside { 7 } else { 6 }).collect();
        assert_eq!(Mask::from_bytes(naive.size(), &bytes, 7).unwrap(), mask);
        let mut set = Mask::from_fn(naive.size(), |x, y| (x + y) % 2 == 0);
        for (x, y) in (0..naive.height).flat_map(|y| (0..naive.width).map(move |x| (x, y))) {
            set.set(x as u32, y as u32, naive.get(x, y));
        }
        assert_eq!(set, mask);
    }
}

#[test]
fn pixels_outside_the_image_are_ignored() {
    let mut mask = Mask::from_fn(Size::new(65, 2), |_, _| true);
    for (x, y) in [(65, 0), (127, 1), (128, 0), (0, 2), (u32::MAX, u32::MAX)] {
        mask.set(x, y, true);
        assert!(!mask.get(x, y));
    }
    assert_eq!(mask.area(), 130);
}

#[test]
fn masks_of_images_without_pixels_are_empty() {
    for size in [Size::new(0, 0), Size::new(0, 7), Size::new(7, 0)] {
        let mask = Mask::from_bytes(size, &[], 1).unwrap();
        assert_eq!(mask, Mask::new(size));
        assert_eq!((mask.area(), mask.bounds(), mask.centroid(), mask.components()), (0, None, None, 0));
        assert_eq!(mask.transposed().size(), Size::new(size.height, size.width));
        assert_eq!(mask.to_rle().to_mask(), mask);
        for same in [mask.inverted(), mask.grown(3), mask.shrunk(3), mask.filled(), mask.largest_component()] {
            assert_eq!(same, mask);
        }
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let wrong = Mask::from_bytes(Size::new(3, 2), &[0; 5], 1).unwrap_err();
    assert_eq!(wrong, MaskError::WrongLength { size: Size::new(3, 2), expected: 6, found: 5 });
    assert!(Mask::from_bytes(Size::new(u32::MAX, u32::MAX), &[0; 5], 1).is_err());
}

#[test]
fn rects_contain_the_pixels_whose_centres_are_inside() {
    let mut random = Random::new(2);
    for (width, height) in SIZES {
        for _ in 0..30 {
            let mut edge = |side: u32| random.below(u64::from(side) * 4 + 16) as f64 / 4.0 - 2.0;
            let rect = Rect { x_min: edge(width), y_min: edge(height), x_max: edge(width), y_max: edge(height) };
            let centre = |x: u32, y: u32| {
                let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
                rect.x_min <= x && x < rect.x_max && rect.y_min <= y && y < rect.y_max
            };
            let size = Size::new(width, height);
            assert_eq!(Mask::from_rect(size, rect), Mask::from_fn(size, centre), "{rect:?} in {size}");
        }
    }
    let nowhere = Rect { x_min: f64::NAN, y_min: 0.0, x_max: 3.0, y_max: f64::INFINITY };
    assert!(Mask::from_rect(Size::new(9, 9), nowhere).is_empty());
}

#[test]
fn measures_agree() {
    for naive in samples() {
        let (mask, inside) = (naive.mask(), naive.inside());
        assert_eq!(mask.area() as usize, inside.len());
        assert_eq!(mask.is_empty(), inside.is_empty());
        let (xs, ys) = (inside.iter().map(|(x, _)| *x as u32), inside.iter().map(|(_, y)| *y as u32));
        let bounds = (!inside.is_empty()).then(|| Bounds {
            x_min: xs.clone().min().unwrap(),
            y_min: ys.clone().min().unwrap(),
            x_max: xs.clone().max().unwrap() + 1,
            y_max: ys.clone().max().unwrap() + 1,
        });
        assert_eq!(mask.bounds(), bounds);
        if let Some((x, y)) = mask.centroid() {
            let mean = |sum: u32| f64::from(sum) / inside.len() as f64 + 0.5;
            assert!((x - mean(xs.sum())).abs() < 1e-9 && (y - mean(ys.sum())).abs() < 1e-9);
        } else {
            assert!(inside.is_empty());
        }
    }
}

#[test]
fn runs_are_maximal_and_in_reading_order() {
    for naive in samples() {
        let mut pixels = Vec::new();
        for run in naive.mask().runs() {
            let (y, start, end) = (i64::from(run.y), i64::from(run.x_start), i64::from(run.x_end));
            assert!(start < end && !naive.get(start - 1, y) && !naive.get(end, y));
            pixels.extend((start..end).map(|x| (x, y)));
        }
        assert_eq!(pixels, naive.inside());
        assert_eq!(naive.mask().row_runs().count() as i64, naive.height);
    }
}

#[test]
fn combinations_agree() {
    for pair in samples().windows(2).filter(|pair| pair[0].size() == pair[1].size()) {
        let of = |f: fn(bool, bool) -> bool| {
            Naive::from_fn(pair[0].width, pair[0].height, |x, y| f(pair[0].get(x, y), pair[1].get(x, y))).mask()
        };
        let combined = |f: fn(&mut Mask, &Mask) -> Result<(), MaskError>| {
            let mut mask = pair[0].mask();
            f(&mut mask, &pair[1].mask()).unwrap();
            mask
        };
        assert_eq!(combined(Mask::union_with), of(|a, b| a | b));
        assert_eq!(combined(Mask::intersect_with), of(|a, b| a & b));
        assert_eq!(combined(Mask::subtract), of(|a, b| a & !b));
        assert_eq!(pair[0].mask().inverted(), of(|a, _| !a));
    }
}

#[test]
fn different_sizes_are_refused() {
    let (mut mask, other) = (Mask::new(Size::new(3, 2)), Mask::new(Size::new(2, 3)));
    let differ = MaskError::SizesDiffer { left: Size::new(3, 2), right: Size::new(2, 3) };
    assert_eq!(mask.union_with(&other), Err(differ));
    assert_eq!(mask.intersect_with(&other), Err(differ));
    assert_eq!(mask.subtract(&other), Err(differ));
    assert_eq!(mask.shared_area(&other), Err(differ));
    assert_eq!(mask.iou(&other), Err(differ));
    assert_eq!(iou_matrix(&[mask, other]), Err(differ));
}

#[test]
fn transposing_agrees() {
    for naive in samples() {
        let transposed = Naive::from_fn(naive.height, naive.width, |x, y| naive.get(y, x));
        assert_eq!(naive.mask().transposed(), transposed.mask());
        assert_eq!(naive.mask().transposed().transposed(), naive.mask());
    }
}

#[test]
fn ious_agree() {
    for size in SIZES.map(|(width, height)| Size::new(width, height)) {
        let mut same: Vec<Naive> = samples().into_iter().filter(|naive| naive.size() == size).collect();
        // Two masks that share no row, and two masks that share no column.
        for f in [|_, y| y < 2, |_, y| y > 2, |x, _| x < 2, |x, _| x > 2] as [fn(i64, i64) -> bool; 4] {
            same.push(Naive::from_fn(size.width.into(), size.height.into(), f));
        }
        let masks: Vec<Mask> = same.iter().map(Naive::mask).collect();
        let matrix = iou_matrix(&masks).unwrap();
        assert_eq!(iou_matrix(&masks.iter().collect::<Vec<&Mask>>()).unwrap(), matrix);
        for (i, left) in same.iter().enumerate() {
            for (j, right) in same.iter().enumerate() {
                let count = |f: fn(bool, bool) -> bool| {
                    left.pixels.iter().zip(&right.pixels).filter(|(left, right)| f(**left, **right)).count()
                };
                let (shared, union) = (count(|a, b| a & b), count(|a, b| a | b));
                let iou = if union == 0 { 0.0 } else { shared as f64 / union as f64 };
                assert_eq!(masks[i].iou(&masks[j]).unwrap(), iou);
                assert_eq!(matrix[i * same.len() + j], iou);
            }
        }
    }
    assert!(iou_matrix::<Mask>(&[]).unwrap().is_empty());
}

#[test]
fn components_agree() {
    for naive in samples() {
        let components = naive.components(true, true);
        assert_eq!(naive.mask().components() as usize, components.len());
        // The first of the largest components.
        let largest = components.iter().rev().max_by_key(|component| component.len()).cloned().unwrap_or_default();
        let largest = Naive::from_fn(naive.width, naive.height, |x, y| largest.contains(&(x, y)));
        assert_eq!(naive.mask().largest_component(), largest.mask());
    }
}

#[test]
fn a_comb_is_one_component() {
    // The teeth join only in the last row, so trees of the union-find forest are joined late.
    let comb = Mask::from_fn(Size::new(201, 50), |x, y| x % 2 == 0 || y == 49);
    assert_eq!(comb.components(), 1);
    assert_eq!(comb.largest_component(), comb);
    let upside_down = Mask::from_fn(Size::new(201, 50), |x, y| x % 2 == 0 || y == 0);
    assert_eq!(upside_down.components(), 1);
}

#[test]
fn holes_agree() {
    for naive in samples() {
        let at_edge = |(x, y): &(i64, i64)| *x == 0 || *y == 0 || *x == naive.width - 1 || *y == naive.height - 1;
        let mut filled = naive.clone();
        for component in naive.components(false, false).iter().filter(|component| !component.iter().any(at_edge)) {
            component.iter().for_each(|(x, y)| filled.pixels[(y * naive.width + x) as usize] = true);
        }
        assert_eq!(naive.mask().filled(), filled.mask());
    }
}

#[test]
fn growing_and_shrinking_agree() {
    for naive in samples() {
        for radius in [0, 1, 2, 5] {
            let disc: Vec<(i64, i64)> = (-radius..=radius)
                .flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)))
                .filter(|(dx, dy)| ((dx * dx + dy * dy) as f64).sqrt() < radius as f64 + 0.5)
                .collect();
            let any = |x, y| disc.iter().any(|(dx, dy)| naive.get(x + dx, y + dy));
            let all = |x, y| disc.iter().all(|(dx, dy)| naive.get(x + dx, y + dy));
            let mask = naive.mask();
            assert_eq!(mask.grown(radius as u32), Naive::from_fn(naive.width, naive.height, any).mask());
            assert_eq!(mask.shrunk(radius as u32), Naive::from_fn(naive.width, naive.height, all).mask());
        }
    }
}

#[test]
fn a_huge_radius_reaches_every_pixel() {
    let size = Size::new(70, 3);
    let dot = Mask::from_fn(size, |x, y| (x, y) == (0, 0));
    assert_eq!(dot.grown(u32::MAX).area(), 210);
    assert!(dot.inverted().shrunk(u32::MAX).is_empty());
}
