//! Decodes and resizes pictures.

use std::io::Cursor;

use image::{ImageReader, Limits};
use rescue_mask::{Mask, Size, png};

use super::layout::Region;
use crate::limits::MAX_PIXELS;

/// A decoded picture: red, green and blue of every pixel, by rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) size: Size,
    rgb: Vec<u8>,
}

/// The size that a JPEG, PNG or WebP states, in pixels. Fails with a message if it states none.
pub(crate) fn stated_size(bytes: &[u8]) -> Result<Size, String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let (width, height) = reader.into_dimensions().map_err(|error| error.to_string())?;
    Ok(Size::new(width, height))
}

/// Decodes a JPEG, PNG or WebP. Fails with a message if the bytes are none of these or too large.
pub(crate) fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    // Four bytes for each pixel, and as much for the decoder.
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    reader.limits(limits);
    let size = stated_size(bytes)?;
    if size.pixels() > MAX_PIXELS || size.pixels() == 0 {
        return Err(format!("the picture has {size} pixels; 1 to {MAX_PIXELS} are taken"));
    }
    let rgb = reader.decode().map_err(|error| error.to_string())?.into_rgb8();
    Ok(Picture { size: Size::new(rgb.width(), rgb.height()), rgb: rgb.into_raw() })
}

impl Picture {
    /// All pixels, by rows.
    pub(crate) fn pixels(&self) -> impl Iterator<Item = [u8; 3]> + '_ {
        self.rgb.as_chunks().0.iter().copied()
    }

    /// The pixels of a row from a column on. Empty outside of the picture.
    pub(crate) fn row(&self, y: u32, from: u32) -> impl Iterator<Item = [u8; 3]> + '_ {
        let (width, y, from) = (self.size.width as usize, y as usize, from as usize);
        let row = self.rgb.get((y * width + from.min(width)) * 3..(y + 1) * width * 3).unwrap_or_default();
        row.as_chunks().0.iter().copied()
    }

    /// The part of the picture within a region.
    pub(crate) fn part(&self, region: Region) -> Self {
        let size = Size::new(
            region.width.min(self.size.width.saturating_sub(region.x)),
            region.height.min(self.size.height.saturating_sub(region.y)),
        );
        let mut rgb = Vec::with_capacity(size.pixels() as usize * 3);
        for y in region.y..region.y + size.height {
            rgb.extend(self.row(y, region.x).take(size.width as usize).flatten());
        }
        Self { size, rgb }
    }

    /// The picture in another size.
    pub(crate) fn resized(&self, to: Size) -> Self {
        Self { size: to, rgb: resize::<3>(&self.rgb, self.size, to, weights) }
    }

    /// The bytes of all pixels, for changes.
    #[cfg(test)]
    pub(crate) fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }
}

/// The mask in another size. A new pixel is inside if at least half of its area is.
pub(crate) fn resize_mask(mask: &Mask, to: Size) -> Mask {
    if mask.size() == to {
        return mask.clone();
    }
    let mut grey = vec![0_u8; mask.size().pixels() as usize];
    for (row, runs) in grey.chunks_exact_mut((mask.size().width as usize).max(1)).zip(mask.row_runs()) {
        for run in runs {
            if let Some(inside) = row.get_mut(run.x_start as usize..run.x_end as usize) {
                inside.fill(255);
            }
        }
    }
    let grey = resize::<1>(&grey, mask.size(), to, shares);
    // This cannot fail: `resize` returns as many values as `to` has pixels.
    Mask::from_bytes(to, &grey, png::THRESHOLD).unwrap_or_else(|_| Mask::new(to))
}

/// For every new pixel along a side, the first old pixel that counts, and the weights of that one and the next ones.
type Filter = Vec<(usize, Vec<f32>)>;

/// Resizes values by a separable filter.
fn resize<const CHANNELS: usize>(values: &[u8], from: Size, to: Size, filter: fn(u32, u32) -> Filter) -> Vec<u8> {
    if from == to {
        return values.to_vec();
    }
    let (columns, rows) = (filter(from.width, to.width), filter(from.height, to.height));
    let narrow: Vec<Vec<f32>> = values
        .chunks_exact((from.width as usize * CHANNELS).max(1))
        .map(|row| {
            let pixels = row.as_chunks::<CHANNELS>().0;
            let mut narrow = Vec::with_capacity(columns.len() * CHANNELS);
            for (start, weights) in &columns {
                let mut sum = [0.0_f32; CHANNELS];
                for (pixel, weight) in pixels.iter().skip(*start).zip(weights) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += f32::from(*value) * weight);
                }
                narrow.extend(sum);
            }
            narrow
        })
        .collect();
    let mut resized = Vec::with_capacity(to.pixels() as usize * CHANNELS);
    let mut sum = vec![0.0_f32; to.width as usize * CHANNELS];
    for (start, weights) in &rows {
        sum.fill(0.0);
        for (row, weight) in narrow.iter().skip(*start).zip(weights) {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * weight);
        }
        resized.extend(sum.iter().map(|value| value.round() as u8));
    }
    resized
}

/// The bilinear filter with antialiasing: a triangle that is as wide as a pixel of the smaller picture.
fn weights(from: u32, to: u32) -> Filter {
    let scale = f64::from(from) / f64::from(to.max(1));
    let reach = scale.max(1.0);
    (0..to)
        .map(|new| {
            let centre = (f64::from(new) + 0.5) * scale;
            let start = (centre - reach).floor().max(0.0) as u32;
            let end = ((centre + reach).ceil() as u32).min(from);
            let weight = |old: u32| (1.0 - ((f64::from(old) + 0.5 - centre) / reach).abs()).max(0.0);
            let sum: f64 = (start..end).map(weight).sum();
            (start as usize, (start..end).map(|old| (weight(old) / sum.max(1e-9)) as f32).collect())
        })
        .collect()
}

/// The area filter: each old pixel counts by its share of the new one, so that corners of masks stay sharp.
fn shares(from: u32, to: u32) -> Filter {
    let scale = f64::from(from) / f64::from(to.max(1));
    (0..to)
        .map(|new| {
            let (left, right) = (f64::from(new) * scale, (f64::from(new) + 1.0) * scale);
            let (start, end) = (left.floor() as u32, (right.ceil() as u32).min(from));
            let share = |old: u32| (right.min(f64::from(old) + 1.0) - left.max(f64::from(old))).max(0.0) / scale;
            (start as usize, (start..end).map(|old| share(old) as f32).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resizing_keeps_means_and_places() {
        let size = Size::new(64, 48);
        let rgb = (0..48).flat_map(|y: u8| (0..64).flat_map(move |x: u8| [x * 2, y * 3, 9])).collect();
        let picture = Picture { size, rgb };
        for to in [Size::new(32, 24), Size::new(100, 75), Size::new(17, 48)] {
            let resized = picture.resized(to);
            assert_eq!(resized.pixels().count() as u64, to.pixels());
            for y in [3, to.height / 2, to.height - 4] {
                for (x, [red, green, blue]) in resized.row(y, 0).enumerate().skip(3).take(to.width as usize - 6) {
                    let place = |at: f64, side: u32, old: f64| (at + 0.5) / f64::from(side) * old - 0.5;
                    assert!((f64::from(red) - 2.0 * place(x as f64, to.width, 64.0)).abs() < 1.5);
                    assert!((f64::from(green) - 3.0 * place(y.into(), to.height, 48.0)).abs() < 1.5);
                    assert_eq!(blue, 9);
                }
            }
        }
        let mask = Mask::from_fn(size, |x, y| x < 32 && y < 24);
        assert_eq!(resize_mask(&mask, Size::new(32, 24)), Mask::from_fn(Size::new(32, 24), |x, y| x < 16 && y < 12));
    }

    #[test]
    fn wrong_and_too_large_files_are_refused() {
        assert!(decode(b"no picture").is_err());
        let mut header = png::write_rgb(Size::new(1, 1), &[0; 3]).unwrap();
        header[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
        let crc = header[12..29].iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
        });
        header[29..33].copy_from_slice(&(!crc).to_be_bytes());
        let error = decode(&header).unwrap_err();
        assert!(error.contains("16384"), "{error}");
    }

    #[test]
    fn parts_are_cut_at_the_edge() {
        let mut picture = Picture { size: Size::new(4, 4), rgb: vec![0; 48] };
        picture.rgb_mut()[45] = 7;
        let part = picture.part(Region { x: 2, y: 3, width: 9, height: 9 });
        assert_eq!((part.size, part.rgb), (Size::new(2, 1), vec![0, 0, 0, 7, 0, 0]));
    }
}
