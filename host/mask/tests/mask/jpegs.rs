//! Legal JPEGs of every kind, written by independent encoders (`tests/jpegs/make.py`), have libjpeg's pixels, or are refused by name.

use rescue_mask::Size;
use rescue_mask::jpeg::{Base, DecodeError, decode};

const FILES: &[u8] = include_bytes!("../jpegs/files.bin");
const PIXELS: &[u8] = include_bytes!("../jpegs/pixels.png");
/// The largest difference to libjpeg's value of a channel.
const NEAR: u8 = 2;

struct Known {
    name: &'static str,
    size: Size,
    file: &'static [u8],
    rgb: Vec<u8>,
}

fn all() -> Vec<Known> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(PIXELS)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let (mut rest, mut pixels, mut all) = (FILES, pixels.as_slice(), Vec::new());
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line: Vec<&str> = std::str::from_utf8(&rest[..end]).unwrap().split(' ').collect();
        let number = |at: usize| line[at].parse::<u32>().unwrap();
        let size = Size::new(number(1), number(2));
        let (file, behind) = rest[end + 1..].split_at(number(3) as usize);
        let (rgb, others) = pixels.split_at(size.pixels() as usize * 3);
        all.push(Known { name: line[0], size, file, rgb: rgb.to_vec() });
        (rest, pixels) = (behind, others);
    }
    all
}

fn known(name: &str) -> Known {
    all().into_iter().find(|known| known.name == name).unwrap()
}

fn damaged(file: &[u8], name: &str) -> String {
    let error = decode(file, 1 << 20).map(|decoded| decoded.size).unwrap_err();
    assert!(matches!(error, DecodeError::Damaged(_)), "{name}: {error}");
    error.to_string()
}

#[test]
fn legal_files_have_libjpegs_pixels_or_are_refused_by_name() {
    let (mut read, mut refused) = (0, 0);
    for Known { name, size, file, rgb } in all() {
        match decode(file, size.pixels()) {
            Ok(decoded) => {
                assert_eq!(decoded.size, size, "{name}");
                let most = decoded.rgb.iter().zip(&rgb).map(|(one, other)| one.abs_diff(*other)).max().unwrap();
                assert!(most <= NEAR, "{name}: {most}");
                read += 1;
            }
            Err(DecodeError::Unsupported(what)) => {
                assert!(
                    what.contains("finer resolution") || what.contains("some of its channels together"),
                    "{name}: {what}"
                );
                refused += 1;
            }
            Err(error) => assert_eq!(error.to_string(), "", "{name}"),
        }
    }
    println!("{read} read, {refused} refused by name");
    assert!(read + refused >= 200 && refused <= 17, "{read} read, {refused} refused");
}

/// A file is whole if no pixel is missing, whether or not it has its end marker.
#[test]
fn wholeness_is_judged_by_what_was_decoded() {
    for name in ["baseline-2x2", "each-2x2", "progressive-2x2", "restart-1-2x2", "grey-2x2"] {
        let Known { file, size, .. } = known(name);
        let end = file.len() - 2;
        assert!(decode(&file[..end], size.pixels()) == decode(file, size.pixels()), "{name}");
        // Half of the data, with an end marker and without.
        let start = file.windows(2).position(|bytes| bytes == [0xff, 0xda]).unwrap();
        let half = start + (end - start) / 2;
        for file in [file[..half].to_vec(), [&file[..half], &[0xff, 0xd9]].concat()] {
            assert!(!damaged(&file, name).is_empty());
        }
    }
    let Known { file, .. } = known("arithmetic-2x2");
    assert!(damaged(&file[..file.len() - 2], "arithmetic").contains("no end marker"));
    let noise: Vec<u8> = (0..200 * 200 * 3_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let file = Base::new(Size::new(200, 200), noise, 85).unwrap().file().to_vec();
    let why = damaged(&[&file[..file.len() / 2], &[0xff, 0xd9]].concat(), "noise");
    assert!(why.contains('%') || why.contains("cannot be decoded"), "{why}");
}

#[test]
fn what_is_not_read_is_named() {
    let Known { file, .. } = known("baseline-2x2");
    let frame = file.windows(2).position(|bytes| bytes == [0xff, 0xc0]).unwrap();
    let with = |at: usize, value: u8| {
        let mut file = file.to_vec();
        file[frame + at] = value;
        decode(&file, 1 << 20)
    };
    // Extended sequential with 12 bits, and hierarchical coding.
    for (at, value) in [(4, 12), (1, 0xc5)] {
        assert!(matches!(with(at, value), Err(DecodeError::Unsupported(_))), "{at} {:?}", with(at, value));
    }
}

#[test]
fn hostile_headers_are_refused_before_anything_is_allocated() {
    let Known { file, .. } = known("baseline-1x1");
    assert!(matches!(decode(file, 10), Err(DecodeError::TooLarge(_))));
    for length in 0..file.len() {
        let _ = decode(&file[..length], 1 << 20); // Must not panic.
    }
    for at in 0..file.len() {
        let mut broken = file.to_vec();
        broken[at] ^= 0x55;
        let _ = decode(&broken, 1 << 20); // Must not panic.
    }
}
