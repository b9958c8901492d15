//! Pictures, valid and invalid, as bytes of files.

use std::borrow::Cow;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{DynamicImage, ImageFormat};
use png::{BitDepth, ColorType};
use tempfile::TempDir;

/// Writes a file into a new temporary folder. Returns the folder, which is removed when it is dropped, and the file's
/// path.
pub fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// The path of the bundled photo, which shows four horses.
pub fn horses() -> PathBuf {
    crate::root().join("examples/photos/horses.jpg")
}

/// A PNG with these samples. Each pixel has as many samples as the colour type has channels; 16-bit samples have two
/// bytes.
pub fn png(size: (u32, u32), colours: ColorType, depth: BitDepth, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    bytes
}

/// An animated PNG with this number of frames.
pub fn animated_png(frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 4);
    encoder.set_color(ColorType::Rgb);
    encoder.set_animated(frames, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for _ in 0..frames {
        writer.write_image_data(&[0; 48]).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// A PNG with this header and these pixels, compressed, whether or not they fit each other.
pub fn png_of(header: [u8; 13], pixels: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(pixels).unwrap();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in
        [(b"IHDR", Cow::from(&header[..])), (b"IDAT", zlib.finish().unwrap().into()), (b"IEND", Vec::new().into())]
    {
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(name);
        bytes.extend(data.iter());
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(&data);
        bytes.extend(crc.sum().to_be_bytes());
    }
    bytes
}

/// The header of a grey PNG with 8 bits a sample.
pub fn grey_header(width: u32, height: u32) -> [u8; 13] {
    let [a, b, c, d] = width.to_be_bytes();
    let [e, f, g, h] = height.to_be_bytes();
    [a, b, c, d, e, f, g, h, 8, 0, 0, 0, 0]
}

/// A JPEG of one colour.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(DynamicImage::new_rgb8(width, height), ImageFormat::Jpeg)
}

/// A WebP with two frames, composed of one still picture.
pub fn animated_webp() -> Vec<u8> {
    let still = encoded(DynamicImage::new_rgb8(4, 4), ImageFormat::WebP);
    let lossless = still.get(12..).unwrap();
    // The animation flag; then width − 1 and height − 1 in three bytes each.
    let canvas = [2, 0, 0, 0, 3, 0, 0, 3, 0, 0];
    let frame: Vec<u8> =
        [0, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0, 0, 100, 0, 0, 0].into_iter().chain(lossless.to_vec()).collect();
    let mut body = b"WEBP".to_vec();
    for (name, data) in
        [(b"VP8X", &canvas[..]), (b"ANIM", &[0; 6]), (b"ANMF", frame.as_slice()), (b"ANMF", frame.as_slice())]
    {
        body.extend(name);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(data);
        body.extend(vec![0; data.len() % 2]);
    }
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes
}

/// A GIF of one pixel.
pub fn gif() -> Vec<u8> {
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec()
}

/// The bundled photo as a JPEG, resized to this size.
pub fn enlarged(width: u32, height: u32) -> Vec<u8> {
    let photo = image::open(horses()).unwrap();
    encoded(photo.resize_exact(width, height, image::imageops::FilterType::Triangle), ImageFormat::Jpeg)
}

fn encoded(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}
