//! Small files that decode to large pictures. They are refused quickly and without taking much memory.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::{Compression, Crc, write::ZlibEncoder};
use rescue_tests::{Run, pictures};

/// The limit of the host's whole address space, in KiB.
const SPACE: u32 = 512 << 10;

#[track_caller]
fn refused(name: &str, bytes: &[u8], words: &[&str]) {
    let (_folder, file) = pictures::file(name, bytes);
    let file = file.display().to_string();
    let start = Instant::now();
    let limit = format!("ulimit -v {SPACE}");
    let out = tempfile::tempdir().unwrap();
    Run::after(&limit, out, ["--image", &file, "--query", "the dog"]).go().refused(4, words);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_megapixels() {
    let (width, height) = (20_000, 10_000);
    let mut header = pictures::grey_header(width, height);
    header[8] = 1;
    let bytes = pictures::png_of(header, &vec![0; (width as usize / 8 + 1) * height as usize]);
    assert!(bytes.len() < 200_000);
    refused("photo.png", &bytes, &["is 20000×10000 pixels; at most 100 megapixels are taken: shrink it first"]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_largest_sizes_that_headers_can_have() {
    let header = pictures::grey_header(0x7fff_ffff, 0x7fff_ffff);
    refused("photo.png", &pictures::png_of(header, &[0]), &["is 2147483647×2147483647 pixels; at most"]);

    let mut bytes = pictures::jpeg(16, 16);
    let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    refused("photo.jpg", &bytes, &["is 65535×65535 pixels; at most 100 megapixels"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_colour_profile_that_unpacks_to_a_gigabyte() {
    let mut profile = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..1024 {
        profile.write_all(&[0; 1 << 20]).unwrap();
    }
    let mut chunk = b"iCCPname\0\0".to_vec();
    chunk.extend(profile.finish().unwrap());
    let mut crc = Crc::new();
    crc.update(&chunk);
    // The header ends at byte 33. The picture lacks pixels, so that it is refused after its profile was read.
    let mut bytes = pictures::png_of(pictures::grey_header(40, 40), &[0; 1]);
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    let chunk: Vec<u8> = [&length[..], &chunk, &crc.sum().to_be_bytes()].concat();
    bytes.splice(33..33, chunk);
    refused("photo.png", &bytes, &["photo.png: is damaged or incomplete"]);
}

/// A whole run with the embedded networks.
#[test]
fn sixteen_megapixels_are_searched_in_bounded_memory() {
    let (_folder, file) = pictures::file("photo.jpg", &pictures::enlarged(4964, 3224));
    let file = file.display().to_string();
    let ran = Run::new(["--image", &file, "--query", "the horse on the right", "--n", "4"]).go();
    let result = ran.answered(0);
    assert_eq!((&result["image"]["width"], &result["image"]["height"]), (&4964.into(), &3224.into()));
    let timings: serde_json::Value = serde_json::from_slice(&ran.read("timings.json")).unwrap();
    let peak = timings["peak_memory_bytes"].as_f64().unwrap();
    println!("peak {:.0} MB", peak / 1e6);
    assert!(peak < 1e9, "{peak}");
}
