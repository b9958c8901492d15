//! Caches the resized photo for the next picture that shows it in the same size.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_core::{Photo, Size};
use rescue_mask::Bounds;

use crate::limits;
use crate::resize::{Resampling, resize};

/// Three bytes per pixel (red, green, blue), row by row; or the reason why they could not be computed.
type Pixels = Result<Vec<u8>, String>;

/// A part of the photo, resized to `size`.
struct Entry {
    area: Bounds,
    size: Size,
    /// The first thread that needs the pixels computes them. The others wait for it without holding the lock of the
    /// cache.
    pixels: Arc<OnceLock<Pixels>>,
}

impl Entry {
    fn bytes(&self) -> usize {
        self.size.pixels() as usize * 3
    }
}

/// The most recently used parts, of up to [`limits::CACHE_BYTES`] bytes together.
#[derive(Default)]
pub(crate) struct ResizeCache {
    latest_first: Mutex<VecDeque<Entry>>,
}

impl ResizeCache {
    /// Writes the area of the photo, resized to `size`, to `rgb`, which holds three bytes per pixel. Only the whole photo is kept: a
    /// part of it, such as a candidate's, is seldom shown twice. Returns an error if it cannot be resized.
    pub(crate) fn copy(&self, photo: &Photo, area: Bounds, size: Size, rgb: &mut [u8]) -> Result<(), String> {
        let resized = || resize(photo.rgb(), photo.size(), area, size, Resampling::CatmullRom);
        if (area.width(), area.height()) != (photo.size().width, photo.size().height) {
            rgb.copy_from_slice(&resized()?);
            return Ok(());
        }
        let pixels = self.find(area, size);
        let pixels = pixels.get_or_init(resized);
        rgb.copy_from_slice(pixels.as_ref().map_err(Clone::clone)?);
        Ok(())
    }

    /// Returns the pixels of a part, which may not have been computed yet, and makes the part the most recently used.
    fn find(&self, area: Bounds, size: Size) -> Arc<OnceLock<Pixels>> {
        let mut entries = self.latest_first.lock().unwrap_or_else(PoisonError::into_inner);
        let at = entries.iter().position(|entry| (entry.area, entry.size) == (area, size));
        let entry =
            at.and_then(|at| entries.remove(at)).unwrap_or_else(|| Entry { area, size, pixels: Arc::default() });
        let pixels = Arc::clone(&entry.pixels);
        entries.push_front(entry);
        while entries.len() > 1 && entries.iter().map(Entry::bytes).sum::<usize>() > limits::CACHE_BYTES {
            entries.pop_back();
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
            // Half of the values are black or white, so that sharpening leaves the range of a byte.
            [0, 255, (state >> 24) as u8, (state >> 16) as u8][(state >> 30) as usize]
        });
        Photo::new(size, rgb.collect(), Digest::of(b"noise")).unwrap()
    }

    const fn area(x_min: u32, y_min: u32, x_max: u32, y_max: u32) -> Bounds {
        Bounds { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn the_most_recently_used_parts_are_kept() {
        let cache = ResizeCache::default();
        let find = |side| cache.find(area(0, 0, 64, 64), Size::new(side, side));
        let first = find(100);
        assert!(Arc::ptr_eq(&first, &find(100)));
        // A part takes 3 × 2000² bytes, or 12 MB. Two of them fit into the cache, and three do not.
        let second = find(2000);
        let third = find(2001);
        assert!(Arc::ptr_eq(&first, &find(100)) && Arc::ptr_eq(&second, &find(2000)));
        find(2002);
        assert!(Arc::ptr_eq(&first, &find(100)) && Arc::ptr_eq(&second, &find(2000)));
        assert!(!Arc::ptr_eq(&third, &find(2001)), "the least recently used part is removed");
        let huge = find(4096);
        assert!(Arc::ptr_eq(&huge, &find(4096)), "the latest part is kept even if it is larger than the cache");
        assert_eq!(cache.latest_first.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_photo_that_two_pictures_show_is_cached_once() {
        let photo = noise(Size::new(64, 64));
        let (cache, size) = (ResizeCache::default(), Size::new(9, 9));
        let mut copies = [vec![0; 243], vec![0; 243]];
        for rgb in &mut copies {
            cache.copy(&photo, area(0, 0, 64, 64), size, rgb).unwrap();
        }
        assert_eq!(copies[0], copies[1]);
        // A part is not.
        cache.copy(&photo, area(0, 0, 32, 32), size, &mut copies[0]).unwrap();
        assert_eq!(cache.latest_first.lock().unwrap().len(), 1);
    }
}
