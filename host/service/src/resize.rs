//! Photos as the networks want them.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use rescue_core::{Photo, Size};

/// The photo's pixels (red, green, blue, by rows) in this size. Bilinear, over all the pixels that fall into one where the photo
/// shrinks. In fixed point, so that all processors agree to the bit. Beside the result it takes memory for the photo squeezed
/// in one direction only.
///
/// # Errors
///
/// Says why there is none; a photo with pixels has one.
pub(crate) fn resized(photo: &Photo, size: Size) -> Result<Vec<u8>, String> {
    resize(&mut Resizer::new(), photo.rgb(), photo.size(), size, SMOOTH)
}

/// The photo's pixels as a network saw them in training that was given photos whose longer side is `usual`, and picked from
/// them by plain bilinear resizing, which skips pixels: only what is larger than usual is shrunk smoothly, to the usual.
///
/// # Errors
///
/// As [`resized`].
pub(crate) fn squeezed(photo: &Photo, usual: u32, size: Size) -> Result<Vec<u8>, String> {
    let longer = photo.size().width.max(photo.size().height);
    if longer <= usual {
        return resize(&mut Resizer::new(), photo.rgb(), photo.size(), size, PLAIN);
    }
    let fit = |side: u32| (f64::from(side) * f64::from(usual) / f64::from(longer)).round().max(1.0) as u32;
    let between = Size::new(fit(photo.size().width), fit(photo.size().height));
    resize(&mut Resizer::new(), &resized(photo, between)?, between, size, PLAIN)
}

/// Bilinear, over as many pixels as fall into one.
const SMOOTH: ResizeAlg = ResizeAlg::Convolution(FilterType::Bilinear);
/// Bilinear, between the two nearest pixels.
const PLAIN: ResizeAlg = ResizeAlg::Interpolation(FilterType::Bilinear);

fn resize(resizer: &mut Resizer, rgb: &[u8], from: Size, to: Size, how: ResizeAlg) -> Result<Vec<u8>, String> {
    let from = ImageRef::new(from.width, from.height, rgb, PixelType::U8x3).map_err(|error| error.to_string())?;
    let mut image = Image::new(to.width, to.height, PixelType::U8x3);
    resizer.resize(&from, &mut image, &ResizeOptions::new().resize_alg(how)).map_err(|error| error.to_string())?;
    Ok(image.into_vec())
}

/// Pixels of this size in the top left of a frame, channel by channel, as (value − mean) / deviation; 0 in the rest of the frame.
/// The result has shape 3 × height × width of the frame.
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
    use fast_image_resize::CpuExtensions;
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
    fn simd_changes_nothing() {
        let photo = noise(Size::new(613, 407));
        for size in [Size::new(300, 300), Size::new(1024, 680), Size::new(100, 66)] {
            let mut plain = Resizer::new();
            // SAFETY: no extension is supported everywhere.
            #[allow(unsafe_code)]
            unsafe {
                plain.set_cpu_extensions(CpuExtensions::None);
            }
            for how in [SMOOTH, PLAIN] {
                let by = |resizer| resize(resizer, photo.rgb(), photo.size(), size, how);
                assert_eq!(by(&mut Resizer::new()), by(&mut plain));
            }
        }
    }

    #[test]
    fn shrinking_takes_the_mean() {
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
