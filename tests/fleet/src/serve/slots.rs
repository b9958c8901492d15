//! The slots of a server and its queue.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::lock::lock;

/// A fixed number of slots. Requests without a slot wait; the one with the lowest priority number is next, and of those
/// the first that came.
#[derive(Debug)]
pub(crate) struct Slots {
    slots: usize,
    max_queue: Option<usize>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    running: usize,
    peak: usize,
    peak_waiting: usize,
    number: u64,
    waiting: BTreeMap<(i64, u64), oneshot::Sender<Slot>>,
    /// The seconds for which slots were held, summed over slots, up to `since`.
    busy: f64,
    since: Instant,
    full: Option<Instant>,
}

/// The right to be served. Dropping it hands the slot to the next request that waits.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    /// The number of requests under way when it was taken, itself included.
    pub(crate) running: usize,
}

/// How the slots are used, and were used so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) running: usize,
    pub(crate) waiting: usize,
    pub(crate) peak: usize,
    pub(crate) peak_waiting: usize,
    pub(crate) busy: f64,
    pub(crate) full: Option<Instant>,
}

impl Slots {
    pub(crate) fn new(slots: usize, max_queue: Option<usize>) -> Arc<Self> {
        let state = State {
            running: 0,
            peak: 0,
            peak_waiting: 0,
            number: 0,
            waiting: BTreeMap::new(),
            busy: 0.0,
            since: Instant::now(),
            full: None,
        };
        Arc::new(Self { slots, max_queue, state: Mutex::new(state) })
    }

    /// Waits for a slot. Returns `None` if the queue is full.
    pub(crate) async fn take(self: &Arc<Self>, priority: i64) -> Option<Slot> {
        let (key, granted) = {
            let mut state = lock(&self.state);
            if state.running < self.slots {
                return Some(self.grant(&mut state));
            }
            if self.max_queue.is_some_and(|most| state.waiting.len() >= most) {
                return None;
            }
            let (grant, granted) = oneshot::channel();
            state.number += 1;
            let key = (priority, state.number);
            state.waiting.insert(key, grant);
            state.peak_waiting = state.peak_waiting.max(state.waiting.len());
            (key, granted)
        };
        let _leave = Leave { slots: self, key };
        granted.await.ok()
    }

    pub(crate) fn usage(&self) -> Usage {
        let mut state = lock(&self.state);
        state.count(Instant::now());
        Usage {
            running: state.running,
            waiting: state.waiting.len(),
            peak: state.peak,
            peak_waiting: state.peak_waiting,
            busy: state.busy,
            full: state.full,
        }
    }

    fn grant(self: &Arc<Self>, state: &mut State) -> Slot {
        let now = Instant::now();
        state.count(now);
        state.running += 1;
        state.peak = state.peak.max(state.running);
        if state.running == self.slots {
            state.full.get_or_insert(now);
        }
        Slot { slots: self.clone(), running: state.running }
    }
}

impl State {
    fn count(&mut self, now: Instant) {
        self.busy += self.running as f64 * now.saturating_duration_since(self.since).as_secs_f64();
        self.since = now;
    }
}

/// Takes a waiting request out of the queue when its future is dropped.
struct Leave<'a> {
    slots: &'a Arc<Slots>,
    key: (i64, u64),
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        lock(&self.slots.state).waiting.remove(&self.key);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let next = {
            let mut state = lock(&self.slots.state);
            state.count(Instant::now());
            state.running -= 1;
            // A request that was given up meanwhile has left the queue already, or drops the slot when it receives it.
            match state.waiting.pop_first() {
                Some((_, grant)) => Some((grant, self.slots.grant(&mut state))),
                None => None,
            }
        };
        if let Some((grant, slot)) = next {
            // A slot that cannot be handed over is dropped here, outside of the lock, and so goes to the next request.
            let _ = grant.send(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_lowest_number_is_served_first_and_no_slot_is_lost() {
        let slots = Slots::new(1, Some(3));
        let first = slots.take(0).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (name, priority) in [("late", 5), ("given up", -9), ("early", -1)] {
            let (slots, order) = (slots.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let slot = slots.take(priority).await.unwrap();
                lock(&order).push(name);
                drop(slot);
            }));
            tokio::task::yield_now().await;
        }
        assert_eq!(slots.usage().waiting, 3);
        assert!(slots.take(0).await.is_none(), "the queue is full");
        tasks[1].abort();
        while slots.usage().waiting == 3 {
            tokio::task::yield_now().await;
        }
        drop(first);
        while slots.usage().running + slots.usage().waiting > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*lock(&order), ["early", "late"]);
        let usage = slots.usage();
        assert_eq!((usage.peak, usage.peak_waiting), (1, 3));
        assert!(usage.full.is_some() && usage.busy > 0.0);
    }
}
