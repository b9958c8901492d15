//! The slots of one service, and which of its replicas has one free.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accounts::Account;
use super::retry::Budget;
use super::{Absence, AbsenceKind, Lack};
use crate::services::Policy;

/// How much is told of why there is no answer, in characters.
const WHY: usize = 600;

/// Where a service is asked.
pub(crate) struct Desk {
    pub(super) name: &'static str,
    pub(super) policy: Policy,
    pub(super) budget: Budget,
    free: Arc<Semaphore>,
    held: Mutex<Vec<u32>>,
    account: Mutex<Account>,
}

/// The right to have one request under way at a replica.
pub(super) struct Slot {
    pub(super) replica: usize,
    desk: Arc<Desk>,
    weight: u32,
    since: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Desk {
    pub(super) fn new(name: &'static str, policy: Policy, replicas: usize) -> Self {
        let all = (policy.slots as usize).saturating_mul(replicas).min(Semaphore::MAX_PERMITS);
        Self {
            name,
            policy,
            budget: Budget::new(all.saturating_mul(policy.attempts.saturating_sub(1) as usize)),
            free: Arc::new(Semaphore::new(all)),
            held: Mutex::new(vec![0; replicas]),
            account: Mutex::default(),
        }
    }

    /// The service's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn note(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn account(&self) -> Account {
        self.account.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a server says may be long; the beginning will do.
    pub(super) fn absent(&self, kind: AbsenceKind, why: &str) -> Lack {
        let why = why.chars().filter(|c| !c.is_control()).take(WHY).collect();
        Lack::Absent(Absence { kind, service: self.name.to_owned(), why })
    }

    /// Waits for a slot. Requests of one photo go to one replica, which has seen it, but never wait for it while another is free; a
    /// request that failed at a replica goes to another one, where there is one. None where there are no replicas at all.
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
        let replica = self.place(weight, affinity, failed_at)?;
        self.note(|account| account.sent += 1);
        Some(Slot { replica, desk: self.clone(), weight, since: Instant::now(), _permit: permit })
    }

    fn place(&self, weight: u32, affinity: &[u8; 32], failed_at: Option<usize>) -> Option<usize> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut order: Vec<usize> = (0..held.len()).collect();
        // Rendezvous hashing: with another replica more or less, few photos move.
        order.sort_by_key(|replica| {
            let mut words = affinity.to_vec();
            words.extend(replica.to_le_bytes());
            *blake3::hash(&words).as_bytes()
        });
        let fits = |replica: &usize| held.get(*replica).is_some_and(|held| held + weight <= self.policy.slots);
        let elsewhere = |replica: &usize| order.len() < 2 || Some(*replica) != failed_at;
        let replica = order.iter().copied().find(|replica| fits(replica) && elsewhere(replica));
        // Where slots are free but spread over several replicas, the least busy one takes a request of several answers.
        let replica = replica.or_else(|| order.iter().copied().min_by_key(|replica| held.get(*replica).copied()))?;
        *held.get_mut(replica)? += weight;
        let all = held.iter().sum();
        drop(held);
        self.note(|account| account.peak = account.peak.max(all));
        Some(replica)
    }
}

impl Slot {
    /// The request came back: the slot is free again.
    pub(super) fn finish(self, answered: bool) {
        if answered {
            self.desk.budget.earn();
        }
        self.desk.note(|account| if answered { account.answered += 1 } else { account.failed += 1 });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut held = self.desk.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get_mut(self.replica) {
            *held = held.saturating_sub(self.weight);
        }
        drop(held);
        let seconds = self.since.elapsed().as_secs_f64() * f64::from(self.weight);
        self.desk.note(|account| account.slot_seconds += seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(slots: u32, replicas: usize) -> Arc<Desk> {
        let policy = Policy { slots, attempts: 1, batch: 1, local: false };
        Arc::new(Desk::new("test", policy, replicas))
    }

    #[tokio::test]
    async fn a_photo_stays_at_one_replica_until_that_is_full() {
        let desk = desk(2, 2);
        let photo = [7; 32];
        let mut slots = Vec::new();
        for _ in 0..4 {
            slots.push(desk.slot(1, &photo, None).await.unwrap());
        }
        let replicas: Vec<usize> = slots.iter().map(|slot| slot.replica).collect();
        assert_eq!(
            (replicas[0] == replicas[1], replicas[2] == replicas[3], replicas[0] == replicas[2]),
            (true, true, false)
        );
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), desk.slot(1, &photo, None)).await.is_err());
        drop(slots.pop());
        assert!(desk.slot(1, &photo, None).await.is_some());
        assert_eq!(desk.account().peak, 4);
    }

    #[tokio::test]
    async fn a_request_that_failed_goes_elsewhere() {
        let desk = desk(4, 2);
        let first = desk.slot(1, &[1; 32], None).await.unwrap().replica;
        assert_ne!(desk.slot(1, &[1; 32], Some(first)).await.unwrap().replica, first);
        assert!(self::desk(4, 0).slot(1, &[1; 32], None).await.is_none());
    }

    #[tokio::test]
    async fn more_answers_than_slots_take_all_slots() {
        let desk = desk(4, 1);
        let slot = desk.slot(64, &[1; 32], None).await.unwrap();
        assert_eq!(desk.account().peak, 4);
        drop(slot);
        assert!(desk.slot(4, &[1; 32], None).await.is_some());
    }
}
