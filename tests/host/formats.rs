//! Decoding of photos of all formats.

use png::{BitDepth, ColorType};
use rescue_core::{Photo, Size};
use rescue_pipeline::photo;
use rescue_tests::{Run, pictures, root};

fn pixels(photo: &Photo, at: impl IntoIterator<Item = (u32, u32)>) -> Vec<[u8; 3]> {
    let pixel = |(x, y)| {
        let start = ((y * photo.size().width + x) * 3) as usize;
        [photo.rgb()[start], photo.rgb()[start + 1], photo.rgb()[start + 2]]
    };
    at.into_iter().map(pixel).collect()
}

#[track_caller]
fn close(found: &[[u8; 3]], wanted: &[[u8; 3]]) {
    let near = |(a, b): (&[u8; 3], &[u8; 3])| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 3);
    assert!(found.len() == wanted.len() && found.iter().zip(wanted).all(near), "{found:?} is not {wanted:?}");
}

#[test]
fn png_of_all_colour_types() {
    for (colours, depth, samples, rgb) in [
        (ColorType::Rgb, BitDepth::Sixteen, &[0xff, 0xff, 0x80, 0x80, 0, 0][..], [255, 128, 0]),
        (ColorType::Rgb, BitDepth::Eight, &[255, 128, 0], [255, 128, 0]),
        (ColorType::Grayscale, BitDepth::Eight, &[77], [77; 3]),
        (ColorType::Grayscale, BitDepth::Sixteen, &[77, 77], [77; 3]),
        (ColorType::Grayscale, BitDepth::One, &[0x80], [255; 3]),
        // Transparent pixels are blended with white, or with grey if the others are light.
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[100, 128], [177; 3]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[250, 128], [157; 3]),
        (ColorType::Rgba, BitDepth::Eight, &[200, 100, 50, 128], [227, 177, 152]),
        (ColorType::Rgba, BitDepth::Eight, &[200, 100, 50, 0], [255; 3]),
        (ColorType::Rgba, BitDepth::Sixteen, &[200, 200, 100, 100, 50, 50, 255, 255], [200, 100, 50]),
    ] {
        let photo = photo::decode(&pictures::png((1, 1), colours, depth, samples)).unwrap();
        assert_eq!(photo.rgb(), rgb, "{colours:?} {depth:?}");
    }
}

#[test]
fn cmyk_jpeg() {
    let photo = photo::read(&root().join("tests/pictures/cmyk.jpg")).unwrap();
    assert_eq!(photo.size(), Size::new(32, 16));
    let middles = [4, 12, 20, 28].map(|x| (x, 8));
    close(&pixels(&photo, middles), &[[255, 255, 255], [255, 0, 0], [0, 191, 0], [55, 55, 55]]);
}

#[test]
fn jpeg_with_exif_orientation() {
    let photo = photo::read(&root().join("tests/pictures/turned.jpg")).unwrap();
    assert_eq!(photo.size(), Size::new(16, 32));
    let middles = [4, 12, 20, 28].map(|y| (8, y));
    close(&pixels(&photo, middles), &[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]);
}

/// Files with bytes after the end, or with more than one JPEG, are searched, because viewers show them too.
#[test]
fn jpeg_with_trailing_bytes() {
    let mut bytes = pictures::jpeg(24, 8);
    bytes.extend(pictures::jpeg(8, 8));
    bytes.extend(b"trailer");
    assert_eq!(photo::decode(&bytes).unwrap().size(), Size::new(24, 8));
}

/// What is transparent does not exist: a dark thing cut out is found, and its mask covers nothing beside it.
#[test]
fn a_photo_with_transparent_parts() {
    let photo = photo::read(&pictures::horses()).unwrap();
    let size = photo.size();
    // The horse on the right, without what is beside it.
    let inside = |x: u32, y: u32| (560..920).contains(&x) && (215..565).contains(&y);
    let pixels = photo.rgb().chunks_exact(3).zip(0..);
    let rgba: Vec<u8> = pixels
        .flat_map(|(rgb, at): (&[u8], u32)| {
            [rgb[0], rgb[1], rgb[2], if inside(at % size.width, at / size.width) { 255 } else { 0 }]
        })
        .collect();
    let bytes = pictures::png((size.width, size.height), ColorType::Rgba, BitDepth::Eight, &rgba);
    assert_eq!(photo::decode(&bytes).unwrap().ground(), Some(255));
    let (_folder, file) = pictures::file("cutout.png", &bytes);
    let ran = Run::new(["--image", &file.display().to_string(), "--query", "the horse", "--n", "8"]).go();
    let result = ran.answered(0);
    assert_eq!(result["image"]["ground"], 255);
    let mask = rescue_mask::png::read_mask(&ran.read("mask.png"), 1 << 24).unwrap();
    let opaque = rescue_mask::Mask::from_fn(size, inside);
    assert_eq!(mask.shared_area(&opaque).unwrap(), mask.area());
    assert!(mask.area() > 20_000, "{}", mask.area());
}

/// Whole runs. The reported size is that after orientation, and nothing is found in any of the pictures.
#[test]
fn all_formats_are_searched() {
    let one = pictures::png((1, 1), ColorType::Rgb, BitDepth::Eight, &[9, 9, 9]);
    let deep = pictures::png((3, 2), ColorType::Rgb, BitDepth::Sixteen, &[0; 36]);
    let row = pictures::png((3000, 1), ColorType::Grayscale, BitDepth::Eight, &[1; 3000]);
    let read = |name| std::fs::read(root().join("tests/pictures").join(name)).unwrap();
    for (name, bytes, size) in [
        ("one.png", one, (1, 1)),
        ("deep.png", deep, (3, 2)),
        ("row.png", row, (3000, 1)),
        ("turned.jpg", read("turned.jpg"), (16, 32)),
        ("cmyk.jpg", read("cmyk.jpg"), (32, 16)),
    ] {
        let (_folder, file) = pictures::file(name, &bytes);
        let ran = Run::new(["--image", &file.display().to_string(), "--query", "the dog", "--n", "2"]).go();
        let result = ran.answered(3);
        assert_eq!((&result["image"]["width"], &result["image"]["height"]), (&size.0.into(), &size.1.into()), "{name}");
        assert!(ran.stdout.contains("not found: \"the dog\""), "{}", ran.stdout);
        assert_eq!(ran.files(), ["ledger", "result.json", "run.json", "timings.json"], "{name}");
    }
}
