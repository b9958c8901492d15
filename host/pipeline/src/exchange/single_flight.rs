//! Single flight: one call a key. A question that is already under way is joined by whoever asks it next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rescue_ledger::Key;
use tokio::sync::{Notify, watch};

use super::{NoAnswer, StoredAnswer, Turn};

/// What came of a question.
pub(super) type Answered = Result<Arc<StoredAnswer>, NoAnswer>;

/// The turn of the questions of one call. It comes earlier if someone joins whose turn is earlier.
pub(super) struct Urgency {
    turn: watch::Sender<Turn>,
    /// Told when someone waits no longer.
    left: Notify,
}

impl Urgency {
    pub(super) fn new(turn: Turn) -> Arc<Self> {
        Arc::new(Self { turn: watch::Sender::new(turn), left: Notify::new() })
    }

    /// The turn now and later.
    pub(super) fn turns(&self) -> watch::Receiver<Turn> {
        self.turn.subscribe()
    }

    /// The turn now.
    pub(super) fn turn(&self) -> Turn {
        *self.turn.borrow()
    }

    fn raise(&self, turn: Turn) {
        self.turn.send_if_modified(|now| {
            let earlier = turn < *now;
            *now = turn.min(*now);
            earlier
        });
    }
}

/// A question under way, which any number of tasks may wait for.
pub(super) struct Flight {
    outcome: OnceLock<Answered>,
    ended: Notify,
    urgency: Arc<Urgency>,
    /// How many wait for it.
    waiting: AtomicUsize,
}

impl Flight {
    fn new(urgency: &Arc<Urgency>) -> Arc<Self> {
        let (outcome, ended, waiting) = Default::default();
        Arc::new(Self { outcome, ended, urgency: urgency.clone(), waiting })
    }

    fn is_abandoned(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0 && self.urgency.turn().speculative
    }
}

/// Someone who waits for a flight. Dropping it waits no longer.
pub(super) struct Waiting(Arc<Flight>);

impl Waiting {
    fn on(flight: &Arc<Flight>) -> Self {
        flight.waiting.fetch_add(1, Ordering::Relaxed);
        Self(flight.clone())
    }

    /// Waits until the flight ends.
    pub(super) async fn outcome(&self) -> Answered {
        loop {
            // Registered before the look at the outcome, so that a flight that ends between the two wakes this task.
            let ended = self.0.ended.notified();
            if let Some(outcome) = self.0.outcome.get() {
                return outcome.clone();
            }
            ended.await;
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        self.0.urgency.left.notify_waiters();
    }
}

/// How a question stands when someone asks it.
pub(super) enum Joined {
    /// Its outcome is known already.
    Known(Answered),
    /// It is asked now: by someone else, or as a guess of the same sample's.
    UnderWay { waiting: Waiting, own_guess: bool },
    /// Nobody asks it: the caller has to, and has to end this flight.
    New(Arc<Flight>, Waiting),
}

/// All questions under way.
#[derive(Default)]
pub(super) struct SingleFlight {
    flights: Mutex<HashMap<Key, Arc<Flight>>>,
}

impl SingleFlight {
    fn flights(&self) -> MutexGuard<'_, HashMap<Key, Arc<Flight>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins a flight, or looks the outcome up, or begins a flight. `look_up` runs under the lock, so that every answer is found
    /// either under way or by the look-up.
    pub(super) fn join(&self, key: Key, urgency: &Arc<Urgency>, look_up: impl FnOnce() -> Option<Answered>) -> Joined {
        let mut flights = self.flights();
        if let Some(flight) = flights.get(&key) {
            let (theirs, ours) = (flight.urgency.turn(), urgency.turn());
            flight.urgency.raise(ours);
            let own_guess = theirs.speculative && !ours.speculative && theirs.sample == ours.sample;
            return Joined::UnderWay { waiting: Waiting::on(flight), own_guess };
        }
        if let Some(outcome) = look_up() {
            return Joined::Known(outcome);
        }
        let flight = Flight::new(urgency);
        flights.insert(key, flight.clone());
        let waiting = Waiting::on(&flight);
        Joined::New(flight, waiting)
    }

    /// Ends a flight and wakes all who wait for it. A question that got no answer may be asked again afterwards.
    pub(super) fn end(&self, key: Key, flight: &Flight, outcome: Answered) {
        self.flights().remove(&key);
        let _ = flight.outcome.set(outcome); // Only the task that began the flight ends it, once.
        flight.ended.notify_waiters();
    }

    /// Waits until nobody waits for any of these flights of one call, and nobody is known to need them. Then they are taken out: whoever
    /// asks one of them later begins a new flight.
    pub(super) async fn abandoned(&self, urgency: &Urgency, flights: &[(usize, Key, Arc<Flight>)]) {
        loop {
            let left = urgency.left.notified();
            {
                let mut all = self.flights();
                if flights.iter().all(|(_, _, flight)| flight.is_abandoned()) {
                    flights.iter().for_each(|(_, key, _)| drop(all.remove(key)));
                    return;
                }
            }
            left.await;
        }
    }
}
