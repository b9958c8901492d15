//! Tests that the results are the same on every instruction set, and the same as those of a plain list of pixels.

use crate::naive::{Naive, Random};
use rescue_mask::simd::{at, levels};
use rescue_mask::{Mask, Paint, Rle, Size, Style, draw, iou_matrix};

/// A disc, a frame, noise, an empty mask, a full mask and two halves. Large sizes have blocks of all kinds.
fn shapes(size: Size, random: &mut Random) -> Vec<Vec<u8>> {
    let (width, height) = (i64::from(size.width), i64::from(size.height));
    let radius = width.max(height) * 2 / 5;
    let noise: Vec<u8> = (0..width * height).map(|_| random.next() as u8).collect();
    let of = |inside: &dyn Fn(i64, i64) -> bool| -> Vec<u8> {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        pixels.map(|(x, y)| if inside(x, y) { 200 } else { 100 }).collect()
    };
    vec![
        of(&|x, y| (x - width / 2).pow(2) + (y - height / 2).pow(2) < radius * radius),
        of(&|x, y| x < 3 || y < 3 || x + 3 >= width || y + 3 >= height),
        noise,
        of(&|_, _| false),
        of(&|_, _| true),
        of(&|x, _| x < width / 2),
        of(&|_, y| y >= height / 2),
    ]
}

/// The results that could differ between levels.
#[derive(Debug, PartialEq)]
struct Results {
    masks: Vec<Mask>,
    areas: Vec<u32>,
    ious: Vec<f64>,
    shared: Vec<u32>,
    texts: Vec<String>,
    decoded: Vec<Mask>,
    transposed: Vec<Mask>,
    components: Vec<u32>,
    grown: Vec<Mask>,
    drawn: Vec<Vec<u8>>,
}

fn results(size: Size, shapes: &[Vec<u8>]) -> Results {
    let masks: Vec<Mask> = shapes.iter().map(|bytes| Mask::from_bytes(size, bytes, 128).unwrap()).collect();
    let texts: Vec<String> = masks.iter().map(|mask| mask.to_rle().encode_string()).collect();
    let drawn = |mask: &Mask| {
        let mut rgb: Vec<u8> = shapes[2].iter().flat_map(|byte| [*byte, !byte, byte / 2]).collect();
        draw(&mut rgb, size, mask, &Paint::new(Style::Overlay)).unwrap();
        rgb
    };
    Results {
        areas: masks.iter().map(Mask::area).collect(),
        ious: iou_matrix(&masks).unwrap(),
        shared: masks.iter().map(|mask| mask.shared_area(&masks[0]).unwrap()).collect(),
        decoded: texts.iter().map(|text| Rle::parse_string(size, text).unwrap().to_mask()).collect(),
        transposed: masks.iter().map(Mask::transposed).collect(),
        components: masks.iter().map(Mask::components).collect(),
        grown: masks.iter().map(|mask| mask.grown(2)).collect(),
        drawn: masks.iter().map(drawn).collect(),
        texts,
        masks,
    }
}

fn check(size: Size, random: &mut Random) {
    let shapes = shapes(size, random);
    let plain = at(levels()[0], || results(size, &shapes));
    for level in levels() {
        assert_eq!(at(level, || results(size, &shapes)), plain, "{} at {size}", level.name());
    }
    assert_eq!(plain.decoded, plain.masks, "{size}");
    for (mask, bytes) in plain.masks.iter().zip(&shapes) {
        let naive: Vec<bool> = bytes.iter().map(|byte| *byte >= 128).collect();
        assert_eq!(Naive::of(mask).pixels, naive, "{size}");
        assert_eq!(mask.area() as usize, naive.iter().filter(|inside| **inside).count());
    }
    for (i, left) in plain.masks.iter().enumerate() {
        for (j, right) in plain.masks.iter().enumerate() {
            let iou = plain.ious[i * plain.masks.len() + j];
            assert_eq!(iou, plain.ious[j * plain.masks.len() + i]);
            assert!((0.0..=1.0).contains(&iou));
            assert_eq!(iou, left.iou(right).unwrap(), "{i} and {j} at {size}");
        }
    }
}

#[test]
fn results_agree_at_every_width() {
    let mut random = Random::new(8);
    for width in 1..=200 {
        check(Size::new(width, 1 + random.below(140) as u32), &mut random);
    }
}

#[test]
fn results_agree_with_more_columns_of_words_than_are_read_at_once() {
    let mut random = Random::new(9);
    for (width, height) in [(511, 3), (512, 64), (513, 65), (640, 130), (1025, 128), (1100, 200)] {
        check(Size::new(width, height), &mut random);
    }
}
