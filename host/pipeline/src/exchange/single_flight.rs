//! Single flight: one call a key. A question that is already under way is joined by whoever asks it next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_ledger::Key;
use tokio::sync::Notify;

use super::{NoAnswer, StoredAnswer};

/// What came of a question.
pub(super) type Answered = Result<Arc<StoredAnswer>, NoAnswer>;

/// A question under way, which any number of tasks may wait for.
#[derive(Default)]
pub(super) struct Flight {
    outcome: OnceLock<Answered>,
    ended: Notify,
}

impl Flight {
    /// A flight that has ended already.
    pub(super) fn ended(outcome: Answered) -> Self {
        Self { outcome: OnceLock::from(outcome), ended: Notify::new() }
    }

    /// Waits until the flight ends.
    pub(super) async fn wait(&self) -> Answered {
        loop {
            // Registered before the look at the outcome, so that a flight that ends between the two wakes this task.
            let ended = self.ended.notified();
            if let Some(outcome) = self.outcome.get() {
                return outcome.clone();
            }
            ended.await;
        }
    }
}

/// How a question stands when someone asks it.
pub(super) enum Joined {
    /// Its outcome is known already.
    Known(Answered),
    /// Someone else asks it now.
    UnderWay(Arc<Flight>),
    /// Nobody asks it: the caller has to, and has to end this flight.
    New(Arc<Flight>),
}

/// All questions under way.
#[derive(Default)]
pub(super) struct SingleFlight {
    flights: Mutex<HashMap<Key, Arc<Flight>>>,
}

impl SingleFlight {
    /// Joins a flight, or looks the outcome up, or begins a flight. `look_up` runs under the lock, so that every answer is found
    /// either under way or by the look-up.
    pub(super) fn join(&self, key: Key, look_up: impl FnOnce() -> Option<Answered>) -> Joined {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key) {
            return Joined::UnderWay(flight.clone());
        }
        if let Some(outcome) = look_up() {
            return Joined::Known(outcome);
        }
        let flight = Arc::new(Flight::default());
        flights.insert(key, flight.clone());
        Joined::New(flight)
    }

    /// Ends a flight and wakes all who wait for it. A question that got no answer may be asked again afterwards.
    pub(super) fn end(&self, key: Key, flight: &Flight, outcome: Answered) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        let _ = flight.outcome.set(outcome); // Only the task that began the flight ends it, once.
        flight.ended.notify_waiters();
    }
}
