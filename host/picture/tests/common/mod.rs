//! A photo and marks for tests. They are computed only with integers, so they are the same on every machine.
#![allow(dead_code, reason = "no test file uses all functions")]
#![allow(clippy::unwrap_used, reason = "a helper that panics fails the test that called it")]

use std::sync::Arc;

use rescue_core::{Digest, Photo, Rect, Size};
use rescue_mask::{CompactMask, Mask, Style};
use rescue_picture::{Crop, Defaults, Mark, Painter, Shape, Target, View};

pub fn photo(size: Size) -> Photo {
    let mut state = 11_u32;
    let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 27) as u8;
        [x as u8 / 2 + noise, y as u8 / 2 + noise, ((x / 16 + y / 16) % 2 * 150) as u8 + noise]
    });
    Photo::new(size, rgb.collect(), Digest::of(b"photo")).unwrap()
}

pub fn painter(size: Size) -> Painter {
    Painter::new(Arc::new(photo(size)), Defaults::default()).unwrap()
}

/// A disc with its centre at (x, y), in pixels of an image of this size.
pub fn disc(size: Size, x: u32, y: u32, radius: u32) -> Target {
    let inside = |at_x: u32, at_y: u32| at_x.abs_diff(x).pow(2) + at_y.abs_diff(y).pow(2) < radius.pow(2);
    Target::Mask(Shape::new(Arc::new(CompactMask::new(Mask::from_fn(size, inside)))))
}

/// A full mask of this size.
pub fn everything(size: Size) -> Target {
    Target::Mask(Shape::new(Arc::new(CompactMask::new(Mask::from_fn(size, |_, _| true)))))
}

pub fn rect(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> Rect {
    Rect { x_min, y_min, x_max, y_max }
}

pub fn mark(target: Target, style: Style) -> Mark {
    Mark { target, style, colour: None, strength: None, label: String::new() }
}

pub fn labelled(target: Target, style: Style, colour: [u8; 3], label: &str) -> Mark {
    Mark { target, style, colour: Some(colour), strength: None, label: label.into() }
}

pub fn view(marks: Vec<Mark>, crop: Crop, max_side: u32, caption: &str) -> View {
    View { marks, crop, max_side, caption: caption.into() }
}
