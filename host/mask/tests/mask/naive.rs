//! A mask as a plain list of pixels, with which the bit masks must agree.

use rescue_mask::{Mask, Size};

/// Sizes around multiples of 64 pixels, and some other sizes.
pub const SIZES: [(u32, u32); 14] = [
    (1, 1),
    (1, 9),
    (9, 1),
    (2, 130),
    (63, 5),
    (64, 5),
    (65, 5),
    (5, 64),
    (127, 66),
    (128, 64),
    (129, 65),
    (64, 128),
    (200, 3),
    (37, 41),
];

/// An xorshift generator, which gives the same numbers every time.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A mask with one `bool` for each pixel, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Naive {
    pub width: i64,
    pub height: i64,
    pub pixels: Vec<bool>,
}

impl Naive {
    pub fn from_fn(width: i64, height: i64, mut inside: impl FnMut(i64, i64) -> bool) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| inside(x, y)).collect();
        Self { width, height, pixels }
    }

    pub fn of(mask: &Mask) -> Self {
        let size = mask.size();
        Self::from_fn(size.width.into(), size.height.into(), |x, y| mask.get(x as u32, y as u32))
    }

    pub fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }

    pub fn mask(&self) -> Mask {
        Mask::from_slice(self.size(), &self.pixels, |inside| *inside).unwrap()
    }

    pub fn get(&self, x: i64, y: i64) -> bool {
        (0..self.width).contains(&x) && (0..self.height).contains(&y) && self.pixels[(y * self.width + x) as usize]
    }

    pub fn inside(&self) -> Vec<(i64, i64)> {
        (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y))).filter(|(x, y)| self.get(*x, *y)).collect()
    }

    /// The connected components of the pixels that equal `value`, each as a list of its pixels, in reading order of
    /// their first pixels. Pixels that touch only at a corner are connected if `corners` is true.
    pub fn components(&self, value: bool, corners: bool) -> Vec<Vec<(i64, i64)>> {
        let mut seen = vec![false; self.pixels.len()];
        let mut components = Vec::new();
        for (x, y) in (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y))) {
            let (mut component, mut open) = (Vec::new(), vec![(x, y)]);
            while let Some((x, y)) = open.pop() {
                let here = (0..self.width).contains(&x) && (0..self.height).contains(&y);
                if !here || self.get(x, y) != value || std::mem::replace(&mut seen[(y * self.width + x) as usize], true)
                {
                    continue;
                }
                component.push((x, y));
                for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
                    if corners || dx == 0 || dy == 0 {
                        open.push((x + dx, y + dy));
                    }
                }
            }
            if !component.is_empty() {
                components.push(component);
            }
        }
        components
    }
}

/// Masks of all [`SIZES`]: empty, full, noise of three densities, and rectangles that leave large components.
pub fn samples() -> Vec<Naive> {
    let mut random = Random::new(1);
    let mut samples = Vec::new();
    for (width, height) in SIZES.map(|(width, height)| (i64::from(width), i64::from(height))) {
        for percent in [0, 10, 50, 90, 100] {
            samples.push(Naive::from_fn(width, height, |_, _| random.below(100) < percent));
        }
        let mut boxes = Naive::from_fn(width, height, |_, _| false);
        for turn in 0..7 {
            let (x, y) = (random.below(width as u64) as i64, random.below(height as u64) as i64);
            let (w, h) = (1 + random.below(width as u64) as i64 / 2, 1 + random.below(height as u64) as i64 / 2);
            let before = boxes.clone();
            boxes = Naive::from_fn(width, height, |u, v| {
                let within = (x..x + w).contains(&u) && (y..y + h).contains(&v);
                if within { turn % 3 != 2 } else { before.get(u, v) }
            });
        }
        samples.push(boxes);
    }
    samples
}
