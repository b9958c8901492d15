//! Hands the samples of a list out to the threads that search them, in their order, as there is room for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::admission::{Admission, estimate};
use super::sample_list::{Entry, SampleList};
use crate::photo::stated_size;

/// How often those who wait look whether it is wished to stop.
const LOOK: Duration = Duration::from_millis(200);

/// A wish to stop, which any thread may have: what is under way is finished, and nothing new begins.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Wishes to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether anyone wishes to stop.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The entries of a list that have not been handed out.
pub(super) struct Queue<'a> {
    pub(super) list: &'a SampleList,
    /// The number of hypotheses of each sample.
    count: u32,
    pub(super) stop: &'a Stop,
    state: Mutex<State>,
    /// Told when an entry has ended.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The place of the next entry.
    next: usize,
    admission: Admission,
}

/// An entry that has been handed out. Dropping it makes room for others.
pub(super) struct Admitted<'a, 'b> {
    pub(super) queue: &'b Queue<'a>,
    /// Its place in the list, from 0.
    pub(super) place: usize,
    pub(super) entry: &'a Entry,
    /// About how much memory it takes.
    bytes: u64,
}

impl<'a> Queue<'a> {
    /// All entries of a list. Each thread that takes entries holds one at a time.
    pub(super) fn new(list: &'a SampleList, count: u32, stop: &'a Stop) -> Self {
        Self { list, count, stop, state: Mutex::default(), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room for the next entry. `None` if there is no further one, or if it is wished to stop.
    pub(super) fn next(&self) -> Option<Admitted<'a, '_>> {
        let mut state = self.state();
        let mut known: Option<(usize, u64)> = None;
        loop {
            let place = state.next;
            let entry = self.list.entries().get(place).filter(|_| !self.stop.is_stopped())?;
            let bytes = match known {
                Some((of, bytes)) if of == place => bytes,
                _ => self.bytes(entry),
            };
            known = Some((place, bytes));
            if state.admission.admit(bytes) {
                state.next += 1;
                return Some(Admitted { queue: self, place, entry, bytes });
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// About how much memory an entry takes. A photo that cannot be read takes none.
    fn bytes(&self, entry: &Entry) -> u64 {
        match entry {
            // A pipe may have nobody who writes, and nothing may wait for it here.
            Entry::Sample(sample) if sample.image.is_file() => {
                stated_size(&sample.image).map_or(0, |size| estimate(size, self.count))
            }
            Entry::Sample(_) | Entry::Bad(_) => 0,
        }
    }

    /// The number of entries that have been handed out and not ended.
    pub(super) fn under_way(&self) -> usize {
        self.state().admission.under_way()
    }
}

impl Drop for Admitted<'_, '_> {
    fn drop(&mut self) {
        self.queue.state().admission.end(self.bytes);
        self.queue.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn entries_are_handed_out_in_order_until_it_is_wished_to_stop() {
        let images: Vec<PathBuf> = (0..3).map(|number| format!("/none/{number}.jpg").into()).collect();
        let (list, stop) = (SampleList::of_images(&images, "the dog").unwrap(), Stop::default());
        let queue = Queue::new(&list, 4, &stop);
        let (first, second) = (queue.next().unwrap(), queue.next().unwrap());
        assert_eq!((first.place, second.place, queue.under_way()), (0, 1, 2));
        drop(first);
        assert_eq!(queue.under_way(), 1);
        stop.stop();
        assert!(queue.next().is_none());
    }

    #[test]
    fn an_oversized_photo_waits_until_it_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large.png");
        let mask = rescue_mask::Mask::new(rescue_core::Size::new(100, 100));
        std::fs::write(&large, rescue_mask::png::write_mask(&mask).unwrap()).unwrap();
        let list = SampleList::of_images(&["/none/a.jpg".into(), large], "the dog").unwrap();
        let stop = Stop::default();
        // With so many hypotheses, a small photo is large.
        let queue = Queue::new(&list, 1 << 20, &stop);
        let first = queue.next().unwrap();
        assert!(!queue.state().admission.admit(queue.bytes(&list.entries()[1])));
        std::thread::scope(|scope| {
            let second = scope.spawn(|| queue.next().map(|admitted| (admitted.place, queue.under_way())));
            drop(first);
            assert_eq!(second.join().unwrap(), Some((1, 1)));
        });
    }
}
