//! The slots of one service, and which of its replicas has one free.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::accounts::Account;
use super::retry::Budget;
use super::{Absence, AbsenceKind, NoAnswer};
use crate::services::{Policy, ServiceName};

/// How long a replica that cannot be reached is sent nothing, before it is tried again.
const REST: Duration = Duration::from_secs(30);
/// The longest explanation of an absence, in characters. What a server says may be longer; the beginning is kept.
const WHY: usize = 600;

/// The slots of one service, the budget of its retries, and the account of what was spent there.
pub(crate) struct SlotPool {
    pub(super) service: ServiceName,
    pub(super) policy: Policy,
    pub(super) budget: Budget,
    free: Arc<Semaphore>,
    /// Slots held at each replica.
    held: Mutex<Vec<u32>>,
    /// Until when each replica is sent nothing because it could not be reached; `None` if it could.
    resting: Mutex<Vec<Option<Instant>>>,
    account: Mutex<Account>,
    /// Until when the server has asked to wait; `None` if it has not.
    wait: Mutex<Option<Instant>>,
}

/// The right to have one request under way at a replica. Dropping it frees the slot.
pub(super) struct Slot {
    pub(super) replica: usize,
    pool: Arc<SlotPool>,
    weight: u32,
    since: Instant,
    _permit: OwnedSemaphorePermit,
}

impl SlotPool {
    /// `policy.slots` slots at each of the replicas.
    /// `down` has the indices of replicas that do not answer now.
    pub(super) fn new(service: ServiceName, policy: Policy, replicas: usize, down: &[usize]) -> Self {
        let all = (policy.slots as usize).saturating_mul(replicas).min(Semaphore::MAX_PERMITS);
        Self {
            service,
            policy,
            budget: Budget::new(all.saturating_mul(policy.attempts.saturating_sub(1) as usize)),
            free: Arc::new(Semaphore::new(all)),
            held: Mutex::new(vec![0; replicas]),
            resting: Mutex::new((0..replicas).map(|at| down.contains(&at).then(|| Instant::now() + REST)).collect()),
            account: Mutex::default(),
            wait: Mutex::default(),
        }
    }

    /// Changes the account.
    pub(super) fn note(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn account(&self) -> Account {
        self.account.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends nothing to a replica for a while, as long as another one answers.
    pub(super) fn rest(&self, replica: usize) {
        if let Some(until) = self.resting.lock().unwrap_or_else(PoisonError::into_inner).get_mut(replica) {
            *until = Some(Instant::now() + REST);
        }
    }

    pub(super) fn replicas(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Notes that the server asks to wait this long.
    pub(super) fn note_wait(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut noted = self.wait.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Some(noted.map_or(until, |earlier| earlier.max(until)));
    }

    /// Until when the server has asked to wait; `None` if it has not, or the wait is over.
    pub(super) fn wait(&self) -> Option<Instant> {
        self.wait.lock().unwrap_or_else(PoisonError::into_inner).filter(|until| *until > Instant::now())
    }

    /// An absence at this service.
    pub(super) fn absent(&self, kind: AbsenceKind, why: &str) -> NoAnswer {
        let why = why.chars().filter(|c| !c.is_control()).take(WHY).collect();
        NoAnswer::Absent(Absence { kind, service: self.service.to_string(), why })
    }

    /// Waits for `weight` slots at one replica. Requests with one affinity go to one replica, which has seen their photo already,
    /// but do not wait for it while another replica has a free slot; a request that failed at a replica goes to another one.
    /// Returns `None` if the service has no replicas.
    pub(super) async fn slot(
        self: &Arc<Self>,
        weight: u32,
        affinity: &[u8; 32],
        failed_at: Option<usize>,
    ) -> Option<Slot> {
        let weight = weight.min(self.policy.slots).max(1);
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return None;
        }
        let permit = self.free.clone().acquire_many_owned(weight).await.ok()?;
        let replica = self.choose_replica(weight, affinity, failed_at)?;
        self.note(|account| account.sent += 1);
        Some(Slot { replica, pool: self.clone(), weight, since: Instant::now(), _permit: permit })
    }

    fn choose_replica(&self, weight: u32, affinity: &[u8; 32], failed_at: Option<usize>) -> Option<usize> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut order: Vec<usize> = (0..held.len()).collect();
        // Rendezvous hashing: if a replica is added or removed, few photos change their replica.
        order.sort_by_key(|replica| {
            let mut words = affinity.to_vec();
            words.extend(replica.to_le_bytes());
            *blake3::hash(&words).as_bytes()
        });
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = Instant::now();
        let rests = |replica: &usize| resting.get(*replica).copied().flatten().is_some_and(|until| until > now);
        // If none can be reached, each is tried as if it could.
        if !order.iter().all(rests) {
            order.retain(|replica| !rests(replica));
        }
        let fits = |replica: &usize| held.get(*replica).is_some_and(|held| held + weight <= self.policy.slots);
        let elsewhere = |replica: &usize| order.len() < 2 || Some(*replica) != failed_at;
        let replica = order.iter().copied().find(|replica| fits(replica) && elsewhere(replica));
        // If enough slots are free, but not at one replica, the least busy replica takes the request and may exceed its slots.
        let replica = replica.or_else(|| order.iter().copied().min_by_key(|replica| held.get(*replica).copied()))?;
        *held.get_mut(replica)? += weight;
        let all = held.iter().sum();
        drop(held);
        self.note(|account| account.peak = account.peak.max(all));
        Some(replica)
    }
}

impl Slot {
    /// Frees the slot after its request came back.
    pub(super) fn finish(self, answered: bool) {
        if answered {
            self.pool.budget.earn();
        }
        self.pool.note(|account| if answered { account.answered += 1 } else { account.failed += 1 });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut held = self.pool.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get_mut(self.replica) {
            *held = held.saturating_sub(self.weight);
        }
        drop(held);
        let seconds = self.since.elapsed().as_secs_f64() * f64::from(self.weight);
        self.pool.note(|account| account.slot_seconds += seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(slots: u32, replicas: usize) -> Arc<SlotPool> {
        let policy = Policy { slots, attempts: 1, batch: 1, local: false, longest_wait: Duration::ZERO };
        Arc::new(SlotPool::new(ServiceName::Clip, policy, replicas, &[]))
    }

    #[tokio::test(start_paused = true)]
    async fn a_photo_stays_at_one_replica_until_that_is_full() {
        let pool = pool(2, 2);
        let photo = [7; 32];
        let mut slots = Vec::new();
        for _ in 0..4 {
            slots.push(pool.slot(1, &photo, None).await.unwrap());
        }
        let replicas: Vec<usize> = slots.iter().map(|slot| slot.replica).collect();
        assert_eq!(
            (replicas[0] == replicas[1], replicas[2] == replicas[3], replicas[0] == replicas[2]),
            (true, true, false)
        );
        assert!(tokio::time::timeout(Duration::from_secs(3600), pool.slot(1, &photo, None)).await.is_err());
        drop(slots.pop());
        assert!(pool.slot(1, &photo, None).await.is_some());
        let Account { peak, slot_seconds, .. } = pool.account();
        assert_eq!((peak, slot_seconds), (4, 3600.0));
    }

    #[tokio::test]
    async fn a_request_that_failed_goes_to_another_replica() {
        let two = pool(4, 2);
        let first = two.slot(1, &[1; 32], None).await.unwrap().replica;
        assert_ne!(two.slot(1, &[1; 32], Some(first)).await.unwrap().replica, first);
        assert!(pool(4, 0).slot(1, &[1; 32], None).await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_replica_that_cannot_be_reached_rests_for_a_while() {
        let two = pool(4, 2);
        let first = two.slot(1, &[1; 32], None).await.unwrap().replica;
        two.rest(first);
        assert_ne!(two.slot(1, &[1; 32], None).await.unwrap().replica, first);
        tokio::time::sleep(REST).await;
        assert_eq!(two.slot(1, &[1; 32], None).await.unwrap().replica, first);
        // If all rest, the request is sent all the same: its failure is counted.
        (0..2).for_each(|replica| two.rest(replica));
        assert_eq!(two.slot(1, &[1; 32], None).await.unwrap().replica, first);
    }

    #[tokio::test]
    async fn a_request_for_more_answers_than_slots_takes_all_slots() {
        let pool = pool(4, 1);
        let slot = pool.slot(64, &[1; 32], None).await.unwrap();
        assert_eq!(pool.account().peak, 4);
        drop(slot);
        assert!(pool.slot(4, &[1; 32], None).await.is_some());
    }
}
