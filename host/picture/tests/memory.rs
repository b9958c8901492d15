//! Tests how much memory the pictures of a large photo take.
#![allow(unsafe_code, reason = "an allocator that counts bytes")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{mark, rect, view};
use rescue_core::{Digest, Photo, Size};
use rescue_mask::{CompactMask, Mask, Style};
use rescue_picture::{Crop, Defaults, Painter, Shape, Target};

/// An allocator that counts all bytes that are allocated, whether or not they are freed later.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the same contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the same contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Runs `work`. Returns its result and the number of bytes that it allocated.
fn allocated<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATED.load(Ordering::Relaxed);
    let result = work();
    (result, ALLOCATED.load(Ordering::Relaxed) - before)
}

const MB: usize = 1_000_000;

/// This file has only one test, since tests on other threads would be counted too.
#[test]
fn a_hundred_megapixels_are_not_copied() {
    let size = Size::new(10_000, 10_000);
    // The zeros are never written, so they take no real memory.
    let photo = Photo::new(size, vec![0; 300 * MB], Digest::of(b"large")).unwrap();
    let painter = Painter::new(Arc::new(photo), Defaults::default()).unwrap();
    let mask = Arc::new(CompactMask::new(Mask::from_rect(size, rect(5000.0, 5000.0, 5600.0, 5500.0))));
    let (shape, taken) = allocated(|| Shape::new(mask));
    assert!(taken < MB, "{taken} bytes to look at a mask");
    let of = |style, crop| view(vec![mark(Target::Mask(shape.clone()), style)], crop, 0, "");

    let views = [of(Style::Outline, Crop::Around(0.1))];
    let (recipe, taken) = allocated(|| painter.recipe(&views).unwrap());
    assert!(taken < 10_000, "{taken} bytes for a recipe");
    assert_eq!(recipe.size, Size::new(720, 620));
    let (picture, taken) = allocated(|| painter.render(&views).unwrap());
    assert!(taken < picture.rgb.len() * 2, "{taken} bytes for a crop in its own size");

    let (picture, taken) = allocated(|| painter.render(&[of(Style::Outline, Crop::Margin(1000))]).unwrap());
    assert_eq!(picture.recipe.size, Size::new(1024, 985));
    assert!(taken < 20 * MB, "{taken} bytes for a crop that is shrunk");

    let whole = [of(Style::Overlay, Crop::Whole)];
    let (picture, taken) = allocated(|| painter.render(&whole).unwrap());
    assert_eq!(picture.recipe.size, Size::new(1024, 1024));
    assert!(taken < 50 * MB, "{taken} bytes for the whole photo");
    let (again, taken) = allocated(|| painter.render(&whole).unwrap());
    assert!(again == picture);
    assert!(taken < picture.rgb.len() * 2, "{taken} bytes for the next picture of the same part");
}
