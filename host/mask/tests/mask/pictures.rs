//! Tests of PNG and JPEG files.

use crate::naive::samples;
use png::{BitDepth, ColorType, Encoder};
use rescue_mask::jpeg::{JpegError, encode_rgb};
use rescue_mask::png::{PngError, read_mask, write_mask, write_rgb};
use rescue_mask::{Mask, Size};

fn png_of(size: Size, colours: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    if colours == ColorType::Indexed {
        encoder.set_palette(vec![127, 0, 0, 0, 128, 0]);
        encoder.set_trns(vec![255, 255]);
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

/// A PNG file whose header states this size, without the pixels.
fn false_header(width: u32, height: u32) -> Vec<u8> {
    let mut file = png_of(Size::new(1, 1), ColorType::Grayscale, BitDepth::Eight, &[0]);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = file[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    file[29..33].copy_from_slice(&(!crc).to_be_bytes());
    file
}

#[test]
fn every_mask_survives_writing_and_reading_a_png() {
    for naive in samples() {
        let mask = naive.mask();
        let file = write_mask(&mask).unwrap();
        assert_eq!(read_mask(&file, naive.size().pixels()).unwrap(), mask);
        assert_eq!(write_mask(&mask).unwrap(), file);
    }
}

#[test]
fn masks_are_written_as_eight_bits_of_grey() {
    let file = write_mask(&Mask::from_fn(Size::new(3, 2), |x, y| x == y)).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    let mut values = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut values).unwrap();
    assert_eq!((frame.color_type, frame.bit_depth), (ColorType::Grayscale, BitDepth::Eight));
    assert_eq!(values, [255, 0, 0, 0, 255, 0]);
}

#[test]
fn reads_every_kind_of_png() {
    let size = Size::new(2, 1);
    // A pixel is inside if its greatest channel is at least 128.
    let kinds: [(ColorType, BitDepth, &[u8]); 12] = [
        (ColorType::Grayscale, BitDepth::One, &[0b0100_0000]),
        (ColorType::Grayscale, BitDepth::Two, &[0b0110_0000]),
        (ColorType::Grayscale, BitDepth::Four, &[0x78]),
        (ColorType::Grayscale, BitDepth::Eight, &[127, 128]),
        (ColorType::Grayscale, BitDepth::Sixteen, &[127, 255, 128, 0]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[127, 255, 128, 255]),
        (ColorType::GrayscaleAlpha, BitDepth::Sixteen, &[127, 255, 255, 255, 128, 0, 255, 255]),
        (ColorType::Rgb, BitDepth::Eight, &[127, 0, 0, 0, 128, 0]),
        (ColorType::Rgb, BitDepth::Sixteen, &[127, 255, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0]),
        (ColorType::Rgba, BitDepth::Eight, &[0, 0, 127, 255, 128, 0, 0, 255]),
        (ColorType::Indexed, BitDepth::One, &[0b0100_0000]),
        (ColorType::Indexed, BitDepth::Eight, &[0, 1]),
    ];
    for (colours, depth, data) in kinds {
        let mask = read_mask(&png_of(size, colours, depth, data), 2).unwrap();
        assert_eq!(mask, Mask::from_fn(size, |x, _| x == 1), "{colours:?} {depth:?}");
    }
}

/// Forms of other people's masks that cannot be mistaken are read; others are refused by what they are, never read as another mask.
#[test]
fn masks_in_other_forms_are_read_or_refused_by_name() {
    let size = Size::new(2, 1);
    let right = Mask::from_fn(size, |x, _| x == 1);
    let read = |colours, depth, data: &[u8]| read_mask(&png_of(size, colours, depth, data), 2);
    for (colours, depth, data) in [
        // Values 0 and 1.
        (ColorType::Grayscale, BitDepth::Eight, &[0, 1][..]),
        (ColorType::Grayscale, BitDepth::Sixteen, &[0, 0, 0, 1]),
        (ColorType::Rgb, BitDepth::Eight, &[0, 0, 0, 1, 1, 1]),
        // The alpha channel of one colour, light or dark, or beside a mask that says the same.
        (ColorType::Rgba, BitDepth::Eight, &[255, 255, 255, 0, 255, 255, 255, 255]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[0, 0, 0, 255]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[30, 0, 30, 255]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[0, 0, 255, 255]),
    ] {
        assert_eq!(read(colours, depth, data).unwrap(), right, "{colours:?} {depth:?} {data:?}");
    }
    // A photo cut out, the number of a class, those of two classes, and a soft mask that is nowhere certain.
    assert!(matches!(read(ColorType::Rgba, BitDepth::Eight, &[200, 9, 9, 0, 20, 30, 40, 255]), Err(PngError::Cutout)));
    assert!(matches!(read(ColorType::Grayscale, BitDepth::Eight, &[0, 38]), Err(PngError::Dim { greatest: 38 })));
    assert!(matches!(read(ColorType::Grayscale, BitDepth::Eight, &[1, 2]), Err(PngError::Dim { greatest: 2 })));
    assert!(matches!(read(ColorType::Grayscale, BitDepth::Eight, &[60, 38]), Err(PngError::Dim { greatest: 60 })));
    assert!(read(ColorType::Grayscale, BitDepth::Eight, &[0, 0]).unwrap().is_empty());
}

#[test]
fn reads_interlaced_pngs() {
    // 5 × 3 pixels, Adam7, written by another encoder. Pixels with x > y are inside.
    let file = include_bytes!("../interlaced.png");
    assert_eq!(read_mask(file, 15).unwrap(), Mask::from_fn(Size::new(5, 3), |x, y| x > y));
}

#[test]
fn large_headers_are_refused_before_anything_is_allocated() {
    for (width, height) in [(100_000, 100_000), (0x7fff_ffff, 0x7fff_ffff), (1, 0x7fff_ffff), (11, 10)] {
        let refused = read_mask(&false_header(width, height), 100);
        assert!(
            matches!(refused, Err(PngError::TooLarge { size, max_pixels: 100 }) if size == Size::new(width, height))
        );
    }
    let thin = read_mask(&false_header(1, 65_536), u64::MAX);
    assert!(matches!(thin, Err(PngError::TooLarge { .. })), "{thin:?}");
}

#[test]
fn false_headers_and_truncated_files_are_errors() {
    assert!(
        matches!(read_mask(&false_header(10, 10), 100), Err(PngError::Decode(_))),
        "the header states more pixels than the file has"
    );
    assert!(matches!(read_mask(&false_header(0, 10), 100), Err(PngError::Decode(_))));
    let file = write_mask(&samples().pop().unwrap().mask()).unwrap();
    // A file without only its last chunk, of 12 bytes, still has the whole picture.
    for length in 0..file.len() - 12 {
        assert!(matches!(read_mask(&file[..length], u64::MAX), Err(PngError::Decode(_))), "{length}");
    }
    for wrong in 0..file.len() {
        let mut broken = file.clone();
        broken[wrong] ^= 0x55;
        let _ = read_mask(&broken, 10_000); // Must not panic.
    }
    assert!(matches!(read_mask(b"GIF89a", 100), Err(PngError::Decode(_))));
}

#[test]
fn rgb_survives_writing_and_is_checked() {
    let size = Size::new(5, 3);
    let rgb: Vec<u8> = (0..45).map(|value| value * 5).collect();
    let file = write_rgb(size, &rgb).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    let mut values = vec![0; 45];
    reader.next_frame(&mut values).unwrap();
    assert_eq!(values, rgb);
    assert!(matches!(write_rgb(size, &rgb[1..]), Err(PngError::Buffer(_))));
    assert!(matches!(write_rgb(Size::new(0, 3), &[]), Err(PngError::Encode(_))));
    assert!(matches!(write_mask(&Mask::new(Size::new(3, 0))), Err(PngError::Encode(_))));
}

#[test]
fn jpegs_are_complete_and_their_arguments_are_checked() {
    let size = Size::new(17, 9);
    let rgb = vec![77; 17 * 9 * 3];
    let (coarse, fine) = (encode_rgb(size, &rgb, 1).unwrap(), encode_rgb(size, &rgb, 100).unwrap());
    for file in [&coarse, &fine] {
        assert!(file.starts_with(&[0xff, 0xd8]) && file.ends_with(&[0xff, 0xd9]));
        let frame = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        assert_eq!(file[frame + 5..frame + 9], [0, 9, 0, 17]);
    }
    assert_eq!(encode_rgb(size, &rgb, 100).unwrap(), fine);
    assert!(matches!(encode_rgb(size, &rgb[1..], 80), Err(JpegError::Buffer(_))));
    assert!(matches!(encode_rgb(size, &rgb, 0), Err(JpegError::Quality { quality: 0 })));
    assert!(matches!(encode_rgb(size, &rgb, 101), Err(JpegError::Quality { quality: 101 })));
    assert!(matches!(encode_rgb(Size::new(0, 9), &[], 80), Err(JpegError::Side { .. })));
    let long = Size::new(65_536, 1);
    assert!(matches!(encode_rgb(long, &vec![0; 65_536 * 3], 80), Err(JpegError::Side { .. })));
}
