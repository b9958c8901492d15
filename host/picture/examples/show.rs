//! Draws pictures in many styles for people to look at: `cargo run --release -p rescue-picture --example show FOLDER`
//! writes them as JPEG files. With the further arguments `WIDTH HEIGHT FILE`, it draws on the photo whose raw pixels
//! (red, green, blue, row by row) are in FILE.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rescue_core::{Digest, Photo, Rect, Size};
use rescue_mask::{CompactMask, Mask, Style};
use rescue_picture::{Crop, Defaults, Mark, Painter, Shape, Target, View};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, photo) = match arguments.as_slice() {
        [folder] => (folder, synthetic(Size::new(2400, 1800))),
        [folder, width, height, file] => {
            let photo =
                Photo::new(Size::new(width.parse()?, height.parse()?), fs::read(file)?, Digest::of(file.as_bytes()));
            (folder, photo)
        }
        _ => return Err("usage: show FOLDER [WIDTH HEIGHT FILE]".into()),
    };
    let photo = Arc::new(photo.ok_or("the length of the file is not width × height × 3 bytes")?);
    let (size, painter) = (photo.size(), Painter::new(Arc::clone(&photo), Defaults::default())?);

    let blob = |x: f64, y: f64, radius: f64| {
        let (x, y) = ((f64::from(size.width) * x) as u32, (f64::from(size.height) * y) as u32);
        let radius = (f64::from(size.width) * radius) as u32;
        let inside = |at_x: u32, at_y: u32| {
            at_x.abs_diff(x).pow(2) + at_y.abs_diff(y).pow(2) + at_x * at_y % 97 * radius / 4 < radius.pow(2)
        };
        Target::Mask(Shape::new(Arc::new(CompactMask::new(Mask::from_fn(size, inside)))))
    };
    let mark = |target: &Target, style, colour, label: &str| Mark {
        target: target.clone(),
        style,
        colour,
        strength: None,
        label: label.into(),
    };
    let view =
        |marks: Vec<Mark>, crop, max_side, caption: &str| View { marks, crop, max_side, caption: caption.into() };
    let (left, right) = (blob(0.3, 0.5, 0.12), blob(0.33, 0.52, 0.13));
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let rect = Target::Rect(Rect { x_min: width * 0.6, y_min: height * 0.02, x_max: width * 0.9, y_max: height * 0.6 });

    let mut pictures = vec![
        ("plain", vec![view(vec![], Crop::Whole, 0, "")]),
        (
            "caption",
            vec![view(
                vec![],
                Crop::Whole,
                0,
                "The photo, unchanged: which of the two is “the brown one” — 犬 or Größe 3½?",
            )],
        ),
        (
            "labels",
            vec![view(
                vec![
                    mark(&left, Style::Outline, None, "A"),
                    mark(&right, Style::Outline, Some([255, 255, 0]), "B: the same, nearly"),
                    mark(&rect, Style::Box, Some([0, 90, 255]), "C"),
                ],
                Crop::Whole,
                0,
                "",
            )],
        ),
        ("around", vec![view(vec![mark(&left, Style::Overlay, None, "1")], Crop::Around(0.3), 512, "Candidate 1")]),
        ("clip", vec![view(vec![mark(&left, Style::Cutout, None, "")], Crop::Margin(10), 336, "")]),
    ];
    for style in Style::ALL {
        pictures.push((style.name(), vec![view(vec![mark(&left, style, None, "it")], Crop::Whole, 768, style.name())]));
    }
    let pair = |crop| {
        let one = view(vec![mark(&left, Style::Outline, None, "")], crop, 512, "A");
        let other = view(
            vec![mark(&rect, Style::Darkened, None, "")],
            crop,
            512,
            "B: one that needs a longer caption than fits",
        );
        vec![one, other]
    };
    pictures.push(("pair", pair(Crop::Whole)));
    pictures.push(("pair-around", pair(Crop::Around(0.2))));
    let many = (0..7).map(|index| {
        let target = blob(0.1 + 0.12 * f64::from(index), 0.5, 0.05);
        view(vec![mark(&target, Style::Overlay, Some([0, 255, 0]), "")], Crop::Around(0.5), 256, &format!("{index}"))
    });
    pictures.push(("many", many.collect()));
    let tiny = Target::Rect(Rect {
        x_min: width * 0.3,
        y_min: height * 0.5,
        x_max: width * 0.3 + 6.0,
        y_max: height * 0.5 + 4.0,
    });
    pictures
        .push(("tiny", vec![view(vec![mark(&tiny, Style::Box, None, "x")], Crop::Around(1.0), 0, "Six pixels wide")]));

    for (name, views) in &pictures {
        fs::write(Path::new(folder).join(format!("{name}.jpg")), painter.jpeg(views)?.to_vec())?;
    }

    let overlays: Vec<View> =
        (0..64).map(|_| view(vec![mark(&left, Style::Overlay, None, "A")], Crop::Whole, 0, "")).collect();
    let start = Instant::now();
    for overlay in &overlays {
        painter.render(std::slice::from_ref(overlay))?;
    }
    println!("64 overlays as pixels: {:?}", start.elapsed());
    let start = Instant::now();
    for overlay in &overlays {
        painter.jpeg(std::slice::from_ref(overlay))?;
    }
    println!("64 overlays as JPEG: {:?}", start.elapsed());
    let start = Instant::now();
    for overlay in &overlays {
        painter.recipe(std::slice::from_ref(overlay))?;
    }
    println!("64 recipes: {:?}", start.elapsed());
    Ok(())
}

/// A photo of this size with waves of colour and a fine pattern.
fn synthetic(size: Size) -> Option<Photo> {
    let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| {
        let wave = |value: f64| (128.0 + 90.0 * value.sin()) as u8;
        let (x, y) = (f64::from(x), f64::from(y));
        [
            wave(x / 210.0),
            wave(y / 170.0),
            wave((x + y) / 300.0).saturating_add(if ((x * y) as u32).is_multiple_of(7) { 30 } else { 0 }),
        ]
    });
    Photo::new(size, rgb.collect(), Digest::of(b"synthetic"))
}
