//! The data, which is the same every time.

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

use image::imageops::{FilterType, resize};
use rescue_mask::{Mask, Size, jpeg, png};

use crate::Failure;

pub const SIZE: Size = Size::new(1024, 768);
/// The number of blobs.
pub const BLOBS: usize = 64;
/// The number of masks of noise.
pub const NOISE: usize = 8;

/// Masks and a photo of [`SIZE`].
pub struct Data {
    /// Masks like those of segmentation, one byte for each pixel, 0 or 255.
    pub blobs: Vec<Vec<u8>>,
    /// Masks whose pixels are random, one byte for each pixel, 0 or 255.
    pub noise: Vec<Vec<u8>>,
    /// The photo: red, green and blue of each pixel.
    pub photo: Vec<u8>,
    /// The photo as a JPEG.
    pub jpeg: Vec<u8>,
}

impl Data {
    pub fn make() -> Result<Self, Failure> {
        let mut random = SplitMix(20);
        let blobs = (0..BLOBS).map(|index| blob(&mut random, index % 4 == 3)).collect();
        let pixels = SIZE.pixels() as usize;
        let noise = (0..NOISE).map(|_| (0..pixels).map(|_| if random.next() & 1 == 1 { 255 } else { 0 }).collect());
        let noise = noise.collect();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/photos/horses.jpg");
        let photo = image::open(&file).map_err(|error| format!("{}: {error}", file.display()))?.into_rgb8();
        let photo = resize(&photo, SIZE.width, SIZE.height, FilterType::Triangle).into_raw();
        let jpeg = jpeg::encode_rgb(SIZE, &photo, 85)?;
        Ok(Self { blobs, noise, photo, jpeg })
    }

    /// Converts masks from bytes to bits.
    pub fn masks(bytes: &[Vec<u8>]) -> Result<Vec<Mask>, Failure> {
        Ok(bytes.iter().map(|bytes| Mask::from_bytes(SIZE, bytes, 128)).collect::<Result<_, _>>()?)
    }

    /// Writes the data to files, which `peers.py` reads.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("blobs.raw"), self.blobs.concat())?;
        fs::write(folder.join("noise.raw"), self.noise.concat())?;
        fs::write(folder.join("photo.raw"), &self.photo)?;
        fs::write(folder.join("photo.jpg"), &self.jpeg)?;
        for (mask, file) in Self::masks(&self.blobs)?.iter().zip(png_files(folder)) {
            fs::write(file, png::write_mask(mask)?)?;
        }
        Ok(())
    }

    /// The blobs as PNG files. If `peers.py` ran, it has replaced our files with Pillow's.
    pub fn pngs(&self, folder: &Path) -> Result<Vec<Vec<u8>>, Failure> {
        Ok(png_files(folder).map(fs::read).collect::<Result<_, _>>()?)
    }
}

fn png_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    (0..BLOBS).map(move |index| folder.join(format!("{index}.png")))
}

/// A mask with a smooth outline at a random place: a circle with a radius of 40 to 300 pixels and four waves on it, and
/// a hole if `hole`.
fn blob(random: &mut SplitMix, hole: bool) -> Vec<u8> {
    let (width, height) = (f64::from(SIZE.width), f64::from(SIZE.height));
    let (x_centre, y_centre) = (random.within(0.1, 0.9) * width, random.within(0.1, 0.9) * height);
    let radius = 40.0 * (300.0_f64 / 40.0).powf(random.within(0.0, 1.0));
    let waves = [2.0, 3.0, 4.0, 5.0].map(|wave| (wave, random.within(0.0, 0.12), random.within(0.0, TAU)));
    let reach = |angle: f64| {
        radius * (1.0 + waves.iter().map(|(wave, depth, phase)| depth * (wave * angle + phase).sin()).sum::<f64>())
    };
    let pixel = |index: u64| {
        let (x, y) = (index % u64::from(SIZE.width), index / u64::from(SIZE.width));
        let (x, y) = (x as f64 + 0.5 - x_centre, y as f64 + 0.5 - y_centre);
        let away = x.hypot(y);
        let inside = away < 2.0 * radius && away < reach(y.atan2(x)) && !(hole && away < radius / 3.0);
        if inside { 255 } else { 0 }
    };
    (0..SIZE.pixels()).map(pixel).collect()
}

/// A SplitMix64 generator of random numbers.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn within(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
