//! A cache of resized parts of a photo, for the next picture that shows the same part in the same size.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_core::{Photo, Size};
use rescue_mask::Bounds;

use crate::limits;
use crate::resize::{Resampling, resize};

/// Red, green and blue of each pixel, by rows; or why they could not be computed.
type Pixels = Result<Vec<u8>, String>;

struct Base {
    area: Bounds,
    size: Size,
    /// The first thread that needs the pixels computes them; others wait for it without holding the lock.
    pixels: Arc<OnceLock<Pixels>>,
}

impl Base {
    fn bytes(&self) -> usize {
        self.size.pixels() as usize * 3
    }
}

/// The most recently used parts, up to [`limits::KEPT_BYTES`].
#[derive(Default)]
pub(crate) struct Bases {
    latest_first: Mutex<VecDeque<Base>>,
}

impl Bases {
    /// Copies the area of the photo, resized to `size`, to `rgb`.
    pub(crate) fn copy(&self, photo: &Photo, area: Bounds, size: Size, rgb: &mut [u8]) -> Result<(), String> {
        let pixels = self.find(area, size);
        let pixels = pixels.get_or_init(|| resize(photo.rgb(), photo.size(), area, size, Resampling::CatmullRom));
        rgb.copy_from_slice(pixels.as_ref().map_err(Clone::clone)?);
        Ok(())
    }

    fn find(&self, area: Bounds, size: Size) -> Arc<OnceLock<Pixels>> {
        let mut bases = self.latest_first.lock().unwrap_or_else(PoisonError::into_inner);
        let at = bases.iter().position(|base| (base.area, base.size) == (area, size));
        let base = at.and_then(|at| bases.remove(at)).unwrap_or_else(|| Base { area, size, pixels: Arc::default() });
        let pixels = Arc::clone(&base.pixels);
        bases.push_front(base);
        while bases.len() > 1 && bases.iter().map(Base::bytes).sum::<usize>() > limits::KEPT_BYTES {
            bases.pop_back();
        }
        pixels
    }
}

#[cfg(test)]
mod tests {
    use rescue_core::Digest;

    use super::*;

    fn noise(size: Size) -> Photo {
        let mut state = 7_u32;
        let rgb = (0..size.pixels() * 3).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Black and white besides: what is sharpened there leaves the range of a byte.
            [0, 255, (state >> 24) as u8, (state >> 16) as u8][(state >> 30) as usize]
        });
        Photo::new(size, rgb.collect(), Digest::of(b"noise")).unwrap()
    }

    const fn area(x_min: u32, y_min: u32, x_max: u32, y_max: u32) -> Bounds {
        Bounds { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn the_latest_are_kept() {
        let bases = Bases::default();
        let find = |side| bases.find(area(0, 0, 64, 64), Size::new(side, side));
        let first = find(100);
        assert!(Arc::ptr_eq(&first, &find(100)));
        // 3 × 2000² bytes are 12 MB: two of them fit, three do not.
        let second = find(2000);
        let third = find(2001);
        assert!(Arc::ptr_eq(&first, &find(100)) && Arc::ptr_eq(&second, &find(2000)));
        find(2002);
        assert!(Arc::ptr_eq(&first, &find(100)) && Arc::ptr_eq(&second, &find(2000)));
        assert!(!Arc::ptr_eq(&third, &find(2001)), "the one that was not asked for longest is gone");
        let huge = find(4096);
        assert!(Arc::ptr_eq(&huge, &find(4096)), "the latest is kept whatever it takes");
        assert_eq!(bases.latest_first.lock().unwrap().len(), 1);
    }

    #[test]
    fn pictures_that_share_a_base_share_its_making() {
        let photo = noise(Size::new(64, 64));
        let (bases, size) = (Bases::default(), Size::new(9, 9));
        let mut copies = [vec![0; 243], vec![0; 243]];
        for rgb in &mut copies {
            bases.copy(&photo, area(0, 0, 64, 64), size, rgb).unwrap();
        }
        assert_eq!(copies[0], copies[1]);
        assert_eq!(bases.latest_first.lock().unwrap().len(), 1);
    }
}
