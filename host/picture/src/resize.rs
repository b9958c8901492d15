//! Resizes pictures in fixed-point arithmetic, with weights computed only by additions and multiplications. So all
//! processors give the same bits.

use fast_image_resize::images::{Image, TypedCroppedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use rescue_core::Size;
use rescue_mask::Bounds;

/// The method by which the pixels of a resized picture are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampling {
    /// The bicubic filter of Catmull and Rom, with antialiasing: over all pixels that one pixel of the result covers.
    CatmullRom,
    /// The bilinear filter, with antialiasing.
    Bilinear,
    /// The bilinear filter without antialiasing: it uses the four nearest pixels, so shrinking by more than half skips
    /// pixels.
    Interpolated,
}

/// Resizes an area of a picture of this size to the size `to`, and returns its pixels.
///
/// `rgb` and the result hold three bytes per pixel (red, green, blue), row by row. Only pixels of the area are read.
/// Besides the result, this needs memory for the area resized in one direction.
///
/// # Errors
///
/// Returns the reason as text if `rgb` is shorter than width × height × 3 bytes or the area is not inside the picture.
pub fn resize(rgb: &[u8], size: Size, area: Bounds, to: Size, resampling: Resampling) -> Result<Vec<u8>, String> {
    resize_by(&mut Resizer::new(), rgb, size, area, to, resampling)
}

/// As [`resize`], with a given resizer. It names its one pixel type, since the resizer's function for all pixel types
/// takes a minute to compile.
fn resize_by(
    resizer: &mut Resizer,
    rgb: &[u8],
    size: Size,
    area: Bounds,
    to: Size,
    resampling: Resampling,
) -> Result<Vec<u8>, String> {
    let whole = TypedImageRef::<U8x3>::from_buffer(size.width, size.height, rgb).map_err(|error| error.to_string())?;
    let from = TypedCroppedImage::from_ref(&whole, area.x_min, area.y_min, area.width(), area.height())
        .map_err(|error| error.to_string())?;
    let mut image = Image::new(to.width, to.height, PixelType::U8x3);
    let mut pixels = image.typed_image_mut::<U8x3>().ok_or("the result has another type of pixels")?;
    let algorithm = match resampling {
        Resampling::CatmullRom => ResizeAlg::Convolution(FilterType::CatmullRom),
        Resampling::Bilinear => ResizeAlg::Convolution(FilterType::Bilinear),
        Resampling::Interpolated => ResizeAlg::Interpolation(FilterType::Bilinear),
    };
    let options = ResizeOptions::new().resize_alg(algorithm);
    resizer.resize_typed(&from, &mut pixels, &options).map_err(|error| error.to_string())?;
    Ok(image.into_vec())
}

#[cfg(test)]
mod tests {
    use fast_image_resize::CpuExtensions;

    use super::*;

    fn noise(size: Size) -> Vec<u8> {
        let mut state = 7_u32;
        let value = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Half of the values are black or white, so that sharpening leaves the range of a byte.
            [0, 255, (state >> 24) as u8, (state >> 16) as u8][(state >> 30) as usize]
        };
        (0..size.pixels() * 3).map(value).collect()
    }

    const fn area(x_min: u32, y_min: u32, x_max: u32, y_max: u32) -> Bounds {
        Bounds { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn every_instruction_set_gives_the_same_pixels() {
        let size = Size::new(613, 407);
        let rgb = noise(size);
        let sizes = [(300, 300), (1024, 680), (101, 67), (1, 1), (613, 9), (7, 407), (333, 2)];
        let mut others = vec![CpuExtensions::None];
        #[cfg(target_arch = "x86_64")]
        others.push(CpuExtensions::Sse4_1);
        others.retain(CpuExtensions::is_supported);
        for area in [area(0, 0, 613, 407), area(11, 3, 600, 401), area(100, 100, 103, 101), area(612, 0, 613, 407)] {
            for (to, resampling) in sizes.iter().flat_map(|(width, height)| {
                [Resampling::CatmullRom, Resampling::Bilinear, Resampling::Interpolated]
                    .map(|resampling| (Size::new(*width, *height), resampling))
            }) {
                let expected = resize(&rgb, size, area, to, resampling).unwrap();
                assert_eq!(expected.len() as u64, to.pixels() * 3);
                for extensions in &others {
                    let mut other = Resizer::new();
                    // SAFETY: the processor supports these extensions, as was checked above.
                    #[allow(unsafe_code)]
                    unsafe {
                        other.set_cpu_extensions(*extensions);
                    }
                    let computed = resize_by(&mut other, &rgb, size, area, to, resampling).unwrap();
                    assert!(computed == expected, "{area:?} to {to}, {resampling:?}, {extensions:?}");
                }
            }
        }
    }

    #[test]
    fn shrinking_averages_only_pixels_of_the_area() {
        let size = Size::new(100, 100);
        let halves = (0..100 * 100).flat_map(|pixel| if pixel % 100 < 50 { [10, 20, 30] } else { [200, 210, 220] });
        let rgb: Vec<u8> = halves.collect();
        for resampling in [Resampling::CatmullRom, Resampling::Bilinear] {
            let left = resize(&rgb, size, area(0, 0, 50, 100), Size::new(2, 4), resampling).unwrap();
            assert_eq!(left, [10, 20, 30].repeat(8));
            assert_eq!(resize(&rgb, size, area(40, 0, 60, 10), Size::new(1, 1), resampling).unwrap(), [105, 115, 125]);
        }
        assert!(resize(&rgb, size, area(50, 0, 101, 10), Size::new(1, 1), Resampling::Bilinear).is_err());
        assert!(resize(&rgb[3..], size, area(0, 0, 5, 5), Size::new(1, 1), Resampling::Bilinear).is_err());
    }
}
