//! Images that cannot be searched. Each is refused before any work, with a message that says its name, the cause and
//! the way out.

use std::path::Path;

use png::{BitDepth, ColorType};
use rescue_tests::{Run, pictures, root};

/// The query of all runs in this file.
const QUERY: [&str; 2] = ["--query", "the dog"];

#[track_caller]
fn refused(file: &Path, words: &[&str]) {
    let name = file.display().to_string();
    let words: Vec<&str> = [name.as_str()].iter().chain(words).copied().collect();
    Run::new(["--image", &name, QUERY[0], QUERY[1]]).go().refused(4, &words);
}

#[track_caller]
fn refused_bytes(name: &str, bytes: &[u8], words: &[&str]) {
    let (_folder, file) = pictures::file(name, bytes);
    refused(&file, words);
}

#[test]
fn missing() {
    refused(Path::new("nowhere/photo.jpg"), &["cannot be read", "No such file"]);
}

#[test]
fn a_folder_without_photos() {
    refused(&root().join("host"), &["host", "it holds no JPEG, PNG or WebP files"]);
}

#[cfg(unix)]
#[test]
fn unreadable() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, file) = pictures::file("photo.jpg", &pictures::jpeg(8, 8));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root can read every file.
    if std::fs::read(&file).is_err() {
        refused(&file, &["cannot be read", "Permission denied"]);
    }
}

#[cfg(unix)]
#[test]
fn a_device_without_an_end() {
    refused(Path::new("/dev/zero"), &["bytes; at most 268435456 are taken"]);
}

#[test]
fn text() {
    refused_bytes("photo.jpg", b"This is no photo.", &["is not a JPEG, PNG or WebP image: convert it"]);
}

#[test]
fn empty() {
    refused_bytes("photo.jpg", b"", &["is empty"]);
}

#[test]
fn other_formats() {
    refused_bytes("photo.gif", &pictures::gif(), &["is a GIF", "magick"]);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08free";
    refused_bytes("photo.jpg", heic, &["is a HEIC (HEIF), although its name says JPEG", "heif-convert"]);
    refused_bytes("photo.png", b"<!doctype html><title>404</title>", &["is a web page", "its name says PNG"]);
}

#[test]
fn truncated_jpeg() {
    let whole = std::fs::read(pictures::horses()).unwrap();
    for part in [3, 300, whole.len() / 2] {
        refused_bytes("photo.jpg", &whole[..part], &["is damaged or incomplete"]);
    }
    let half = [&whole[..whole.len() / 2], &[0xff, 0xd9]].concat();
    refused_bytes("photo.jpg", &half, &["is damaged or incomplete", "of its pixels are missing"]);
    // Nothing but the end marker is missing.
    let pixels = rescue_pipeline::photo::decode(&whole).unwrap();
    assert!(rescue_pipeline::photo::decode(&whole[..whole.len() - 2]).unwrap().rgb() == pixels.rgb());
}

#[test]
fn truncated_png() {
    let whole = pictures::png((40, 40), ColorType::Rgb, BitDepth::Eight, &[7; 4800]);
    for part in [10, 40, whole.len() - 20] {
        refused_bytes("photo.png", &whole[..part], &["is damaged or incomplete"]);
    }
}

#[test]
fn a_png_with_fewer_pixels_than_it_says() {
    refused_bytes(
        "photo.png",
        &pictures::png_of(pictures::grey_header(40, 40), &[0; 41]),
        &["is damaged or incomplete"],
    );
}

#[test]
fn a_png_whose_header_was_changed() {
    let mut bytes = pictures::png((40, 40), ColorType::Rgb, BitDepth::Eight, &[7; 4800]);
    bytes[19] = 200;
    refused_bytes("photo.png", &bytes, &["is damaged or incomplete", "CRC"]);
}

/// Found by fuzzing: only the decoder checked the frame's size, after it had allocated 400 MB.
#[test]
fn a_webp_whose_frame_is_not_what_its_header_says() {
    let bytes =
        b"RIFF\x2c\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0c\0\0\x08\0\0VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f";
    refused_bytes("photo.webp", bytes, &["is damaged", "its frame is 16383×16383, its header says 13×9"]);
}

#[test]
fn no_pixels() {
    for (width, height) in [(0, 0), (0, 4), (4, 0)] {
        refused_bytes(
            "photo.png",
            &pictures::png_of(pictures::grey_header(width, height), &[]),
            &[&format!("has no pixels: its header says {width}×{height}")],
        );
    }
}

#[test]
fn animated() {
    for (name, bytes) in [("photo.png", pictures::animated_png(2)), ("photo.webp", pictures::animated_webp())] {
        refused_bytes(name, &bytes, &["is animated: save the one frame that you mean as a PNG"]);
    }
}
