//! One call a key: who asks for what is already under way joins in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_ledger::Key;
use tokio::sync::Notify;

use super::{Known, Lack};

type Landing = Result<Arc<Known>, Lack>;

/// A question under way, and all who wait for it.
#[derive(Default)]
pub(super) struct Flight {
    landing: OnceLock<Landing>,
    landed: Notify,
}

impl Flight {
    pub(super) fn landed(landing: Landing) -> Self {
        let flight = Self::default();
        let _ = flight.landing.set(landing); // It is empty.
        flight
    }

    pub(super) async fn wait(&self) -> Landing {
        loop {
            // Registered before the look, so that a landing between the two wakes.
            let landed = self.landed.notified();
            if let Some(landing) = self.landing.get() {
                return landing.clone();
            }
            landed.await;
        }
    }
}

/// How one comes by an answer.
pub(super) enum Boarding {
    /// It is known already.
    Landed(Landing),
    /// Someone asks for it.
    Joined(Arc<Flight>),
    /// Nobody does: the caller has to, and to land it.
    First(Arc<Flight>),
}

/// All questions under way.
#[derive(Default)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<Key, Arc<Flight>>>,
}

impl Flights {
    /// Joins, recalls or begins. `recall` runs under the lock, so that an answer is either still under way or already recalled.
    pub(super) fn board(&self, key: Key, recall: impl FnOnce() -> Option<Landing>) -> Boarding {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(&key) {
            return Boarding::Joined(flight.clone());
        }
        if let Some(landing) = recall() {
            return Boarding::Landed(landing);
        }
        let flight = Arc::new(Flight::default());
        under_way.insert(key, flight.clone());
        Boarding::First(flight)
    }

    /// Ends a flight. What has an answer can be recalled by now; what has none may be asked again.
    pub(super) fn land(&self, key: Key, flight: &Flight, landing: Landing) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        let _ = flight.landing.set(landing); // Only its first passenger lands it.
        flight.landed.notify_waiters();
    }
}
