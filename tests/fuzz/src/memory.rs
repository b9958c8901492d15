//! Measures the memory that a piece of work takes: the bytes that are allocated and not yet freed, counted for each
//! thread.
#![allow(unsafe_code, reason = "an allocator is unsafe by its interface; this one counts and hands on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with counters.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

thread_local! {
    /// The bytes that this thread allocated, less those that it freed. Negative if it freed those of other threads.
    static HELD: Cell<isize> = const { Cell::new(0) };
    /// The maximum of `HELD` since the measurement began.
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// Does the work. Returns its result, and the most bytes that were held at once in addition to those held before.
pub fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let done = work();
    (done, MOST.get().saturating_sub(before).unsigned_abs())
}

fn count(taken: usize, given_back: usize) {
    let change = taken.cast_signed().wrapping_sub(given_back.cast_signed());
    // In a thread that is ending, the counters may be gone already.
    let held = HELD.try_with(|held| {
        held.set(held.get().wrapping_add(change));
        held.get()
    });
    if let Ok(held) = held {
        let _ = MOST.try_with(|most| most.set(most.get().max(held)));
    }
}

// SAFETY: every call goes to the system's allocator with unchanged arguments; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the allocator's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}
