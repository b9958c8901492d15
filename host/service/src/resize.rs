//! Resizes photos for the embedded networks, and lays their pixels out as the networks' input.

use rescue_core::{Photo, Size};
use rescue_mask::Bounds;
use rescue_picture::{Resampling, resize};

/// Resizes the photo to `size` with an antialiased bilinear filter and returns its pixels (red, green, blue, by rows). It computes in
/// fixed point, so that all processors give the same bits. Besides the result it allocates the photo resized in one direction.
///
/// # Errors
///
/// Fails if the photo has no pixels. The error says why.
pub(crate) fn resized(photo: &Photo, size: Size) -> Result<Vec<u8>, String> {
    whole(photo.rgb(), photo.size(), size, Resampling::Bilinear)
}

/// Resizes the photo to `size` as a network saw photos in training: the network was trained on photos whose longer side has
/// `trained_on` pixels, resized by bilinear interpolation without antialiasing. A larger photo is first shrunk to that side with
/// antialiasing.
///
/// # Errors
///
/// Fails if the photo has no pixels. The error says why.
pub(crate) fn resized_as_trained(photo: &Photo, trained_on: u32, size: Size) -> Result<Vec<u8>, String> {
    let longer = photo.size().width.max(photo.size().height);
    if longer <= trained_on {
        return whole(photo.rgb(), photo.size(), size, Resampling::Interpolated);
    }
    let fit = |side: u32| (f64::from(side) * f64::from(trained_on) / f64::from(longer)).round().max(1.0) as u32;
    let between = Size::new(fit(photo.size().width), fit(photo.size().height));
    whole(&resized(photo, between)?, between, size, Resampling::Interpolated)
}

fn whole(rgb: &[u8], from: Size, to: Size, how: Resampling) -> Result<Vec<u8>, String> {
    resize(rgb, from, Bounds { x_min: 0, y_min: 0, x_max: from.width, y_max: from.height }, to, how)
}

/// Normalises pixels to (value − mean) / deviation, and lays them out as 3 × height × width of `frame`, with the picture in its top
/// left corner and 0 everywhere else. `rgb` is a picture of `size`, by rows; `mean` and `deviation` are for red, green and blue.
pub(crate) fn planes(rgb: &[u8], size: Size, frame: Size, mean: [f32; 3], deviation: [f32; 3]) -> Vec<f32> {
    let (width, frame_width) = (size.width as usize, frame.width as usize);
    let area = frame_width * frame.height as usize;
    let mut planes = vec![0.0; 3 * area];
    for (channel, plane) in planes.chunks_exact_mut(area.max(1)).enumerate() {
        let (Some(mean), Some(deviation)) = (mean.get(channel), deviation.get(channel)) else { continue };
        for (row, from) in plane.chunks_exact_mut(frame_width.max(1)).zip(rgb.chunks_exact((3 * width).max(1))) {
            for (value, pixel) in row.iter_mut().zip(from.iter().skip(channel).step_by(3)) {
                *value = (f32::from(*pixel) - mean) / deviation;
            }
        }
    }
    planes
}

#[cfg(test)]
mod tests {
    use rescue_core::Digest;

    use super::*;

    fn noise(size: Size) -> Photo {
        let mut state = 7_u32;
        let rgb = (0..size.pixels() * 3).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        Photo::new(size, rgb.collect(), Digest::of(b"noise")).unwrap()
    }

    #[test]
    fn shrinking_averages_pixels() {
        let photo = noise(Size::new(512, 512));
        let mean = photo.rgb().iter().map(|value| f64::from(*value)).sum::<f64>() / photo.rgb().len() as f64;
        for value in resized(&photo, Size::new(4, 4)).unwrap() {
            assert!((f64::from(value) - mean).abs() < 8.0, "{value} is far from {mean}");
        }
    }

    #[test]
    fn planes_are_padded_right_and_below() {
        let rgb = [10, 20, 30, 11, 21, 31];
        let planes = planes(&rgb, Size::new(2, 1), Size::new(3, 2), [10.0, 20.0, 30.0], [1.0, 2.0, 4.0]);
        assert_eq!(planes, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0]);
    }
}
