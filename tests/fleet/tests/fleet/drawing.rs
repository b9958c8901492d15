//! Makes pictures and requests as a host would, without the fleet's own code.

use image::imageops::{FilterType, resize};
use image::{RgbImage, load_from_memory};
use rescue_fleet::Scene;
use rescue_mask::{Mask, Paint, Rect, Size, Style, draw, jpeg};
use serde_json::{Value, json};

pub fn decoded(bytes: &[u8]) -> RgbImage {
    load_from_memory(bytes).unwrap().into_rgb8()
}

pub fn size_of(picture: &RgbImage) -> Size {
    Size::new(picture.width(), picture.height())
}

/// The scene's photo, shrunk so that no side is longer than this.
pub fn photo(scene: &Scene, max_side: u32) -> RgbImage {
    let photo = decoded(&scene.photo);
    let longest = photo.width().max(photo.height());
    if longest <= max_side {
        return photo;
    }
    let side = |side: u32| (side * max_side + longest / 2) / longest;
    resize(&photo, side(photo.width()), side(photo.height()), FilterType::CatmullRom)
}

/// The mask in another size, by nearest neighbour.
pub fn scaled(mask: &Mask, to: Size) -> Mask {
    let from = mask.size();
    let at = |at: u32, to: u32, from: u32| ((f64::from(at) + 0.5) * f64::from(from) / f64::from(to)) as u32;
    Mask::from_fn(to, |x, y| mask.get(at(x, to.width, from.width), at(y, to.height, from.height)))
}

pub fn marked(picture: &RgbImage, mask: &Mask, paint: &Paint) -> RgbImage {
    let size = size_of(picture);
    let mut rgb = picture.as_raw().clone();
    draw(&mut rgb, size, &scaled(mask, size), paint).unwrap();
    RgbImage::from_raw(size.width, size.height, rgb).unwrap()
}

pub fn overlay(picture: &RgbImage, mask: &Mask) -> RgbImage {
    marked(picture, mask, &Paint::new(Style::Overlay))
}

pub fn file(picture: &RgbImage) -> Vec<u8> {
    jpeg::encode_rgb(size_of(picture), picture.as_raw(), 85).unwrap()
}

/// Two pictures side by side on black, with a gap, below a band.
pub fn side_by_side(left: &RgbImage, right: &RgbImage, gap: u32, band: u32) -> RgbImage {
    let mut grid = RgbImage::new(left.width() * 2 + gap, left.height() + band);
    image::imageops::replace(&mut grid, left, 0, band.into());
    image::imageops::replace(&mut grid, right, (left.width() + gap).into(), band.into());
    // A pattern that stands for a caption's letters.
    for x in (4..grid.width() / 3).step_by(3) {
        for y in band / 4..band.saturating_sub(band / 4) {
            grid.put_pixel(x, y, image::Rgb([255; 3]));
        }
    }
    grid
}

pub fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

pub fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

pub fn image_part(bytes: &[u8]) -> Value {
    json!({ "type": "image_url", "image_url": { "url": format!("data:image/jpeg;base64,{}", base64(bytes)) } })
}

/// A chat request with these parts and these further fields.
pub fn chat(parts: &[Value], more: Value) -> Value {
    let mut body = json!({ "model": "fleet-vlm", "messages": [{ "role": "user", "content": parts }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The text of the first choice.
pub fn text_of(body: &Value) -> String {
    body["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

/// A mask as a candidate may have it: the truth, the truth moved, another object, both, a box, or everything but one
/// object.
pub fn candidate(scene: &Scene, random: &mut fastrand::Rng) -> Mask {
    let size = scene.size;
    let target = scene.target();
    let moved = |mask: &Mask, right: i64, down: i64| {
        Mask::from_fn(size, |x, y| {
            let (x, y) = (i64::from(x) - right, i64::from(y) - down);
            u32::try_from(x).is_ok_and(|x| u32::try_from(y).is_ok_and(|y| mask.get(x, y)))
        })
    };
    let width = (target.bounds.x_max - target.bounds.x_min) as i64;
    match random.u32(..7) {
        0 => target.mask.clone(),
        1 | 2 => moved(&target.mask, random.i64(-width..width), random.i64(-width / 2..width / 2)),
        3 => scene.objects[random.usize(..scene.objects.len())].mask.clone(),
        4 => {
            let mut both = target.mask.clone();
            both.union_with(&scene.objects[random.usize(..scene.objects.len())].mask).unwrap();
            both
        }
        5 => {
            let mut edge = |low: f64, high: f64| low + random.f64() * (high - low);
            let bounds = target.bounds;
            let (right, down) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
            Mask::from_rect(
                size,
                Rect {
                    x_min: bounds.x_min + right * edge(-0.5, 0.4),
                    y_min: bounds.y_min + down * edge(-0.5, 0.4),
                    x_max: bounds.x_max + right * edge(-0.4, 0.5),
                    y_max: bounds.y_max + down * edge(-0.4, 0.5),
                },
            )
        }
        _ => scene.objects[random.usize(..scene.objects.len())].mask.inverted(),
    }
}
