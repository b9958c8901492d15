//! The slots of one service under tokio: requests wait here for what [`Slots`] decides. Also the account of what was spent there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rescue_service::Traffic;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::accounts::{Account, Load};
use super::patience::Durations;
use super::retry::Budget;
use super::signs::Signs;
use super::slots::{Grant, REST, Slots, Ticket, Turn, Want};
use super::{Absence, AbsenceKind, NoAnswer};
use crate::services::{Policy, Service, ServiceName};

/// The longest explanation of an absence, in characters. What a server says may be longer; the beginning is kept.
const WHY: usize = 600;

/// How many requests are told that they are among the next to get slots, so that they can draw their pictures.
const NEXT: usize = 4;

/// The slots of one service, the budget of its retries, and the account of what was spent there.
pub(crate) struct SlotPool {
    pub(super) service: ServiceName,
    pub(super) policy: Policy,
    pub(super) budget: Budget,
    replicas: usize,
    queue: Mutex<Queue>,
    account: Mutex<Account>,
    durations: Mutex<Durations>,
    /// Until when the server has asked to wait; `None` if it has not.
    wait: Mutex<Option<Instant>>,
    traffic: Arc<Traffic>,
    /// The replicas that did not answer when the run began.
    down: Vec<usize>,
    signs: Mutex<Signs>,
    /// Why nothing is asked of the service for a while, and until when. `None` if it is asked.
    silence: watch::Sender<Option<(Arc<str>, Instant)>>,
}

/// Why a request gets no slot.
pub(super) enum NoSlot {
    /// The service has no replicas.
    NoReplicas,
    /// The service does not answer at all, in these words of a request.
    Silent(Arc<str>),
}

struct Queue {
    slots: Slots,
    /// Where each request in the queue waits for its slots.
    waiters: HashMap<Ticket, Waits>,
}

/// What a request in the queue is told.
struct Waits {
    slot: oneshot::Sender<Slot>,
    /// That it is among the next. `None` once it was told.
    is_next: Option<oneshot::Sender<()>>,
}

/// The right to have one request under way at a replica. Dropping it frees the slot.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) replica: usize,
    pool: Arc<SlotPool>,
    weight: u32,
    since: Instant,
    /// Whether its request is under way.
    sent: bool,
}

/// A request in the queue. Dropping it takes the request out.
struct Waiter {
    pool: Arc<SlotPool>,
    ticket: Ticket,
    slot: oneshot::Receiver<Slot>,
    is_next: oneshot::Receiver<()>,
}

impl SlotPool {
    /// `policy.slots` slots at each of the replicas.
    pub(super) fn new<T: ?Sized>(service: &Service<T>) -> Self {
        let (policy, replicas) = (service.policy, service.replicas.len());
        let all = (policy.slots as usize).saturating_mul(replicas);
        let mut slots = Slots::new(policy.slots, replicas);
        service.down.iter().for_each(|replica| slots.rest(*replica, Instant::now()));
        Self {
            service: service.name,
            policy,
            budget: Budget::new(all.saturating_mul(policy.attempts.saturating_sub(1) as usize)),
            replicas,
            queue: Mutex::new(Queue { slots, waiters: HashMap::new() }),
            account: Mutex::default(),
            durations: Mutex::default(),
            wait: Mutex::default(),
            traffic: service.traffic.clone(),
            down: service.down.clone(),
            signs: Mutex::default(),
            silence: watch::Sender::new(None),
        }
    }

    fn signs(&self) -> MutexGuard<'_, Signs> {
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request failed at a replica, which was sent at this time. After several in a row, the replica is sent nothing for a while,
    /// as long as another one answers. If the whole service answers nobody, those who wait for it learn that now, and not one after another.
    pub(super) fn failed(self: &Arc<Self>, replica: usize, sent: Instant, unreachable: bool, why: &str) {
        let rests = {
            let (mut queue, now) = (self.queue(), Instant::now());
            if unreachable {
                queue.slots.rest(replica, now);
            }
            queue.slots.failed(replica, now) || unreachable
        };
        let is_silent = self.signs().failed(sent, &self.policy);
        if is_silent && !self.policy.local {
            self.silence.send_replace(Some((why.into(), Instant::now() + REST)));
        }
        if rests {
            self.grant();
        }
    }

    /// Notes that a server refuses a request of this weight because it is sent too many, and how long it asks to be sent nothing.
    pub(super) fn refused(&self, replica: usize, weight: u32, after: Option<Duration>) {
        let mut queue = self.queue();
        queue.slots.refused(replica, weight, Instant::now());
        let after = after.filter(|after| *after <= self.policy.longest_wait);
        after.into_iter().for_each(|after| queue.slots.wait(replica, Instant::now() + after));
        drop(queue);
        self.signs().refused();
    }

    /// Whether servers have refused all that they were sent for longer than one may ask to wait.
    pub(super) fn refused_all(&self) -> bool {
        self.signs().refused_all(&self.policy)
    }

    fn silent(&self) -> Option<Arc<str>> {
        let silence = self.silence.borrow();
        silence.as_ref().filter(|(_, until)| *until > Instant::now()).map(|(why, _)| why.clone())
    }

    /// Changes the account.
    pub(super) fn note(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn account(&self) -> Account {
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Account { bytes_sent: self.traffic.sent(), bytes_received: self.traffic.received(), ..account }
    }

    /// What the service does now.
    pub(super) fn load(&self) -> Load {
        let (held, waiting) = {
            let queue = self.queue();
            (queue.slots.held(), queue.slots.waiting())
        };
        let slots = u32::try_from(self.replicas).unwrap_or(u32::MAX).saturating_mul(self.policy.slots);
        Load { slots, held, waiting, answered: self.account().answered }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn rest(self: &Arc<Self>, replica: usize) {
        self.queue().slots.rest(replica, Instant::now());
        self.grant();
    }

    /// Sends fewer requests at once to a replica whose server has too much to do.
    pub(super) fn step_down(&self, replica: usize) {
        self.queue().slots.step_down(replica, Instant::now());
    }

    pub(super) fn replicas(&self) -> usize {
        self.replicas
    }

    /// Notes that the server asks to wait this long.
    pub(super) fn note_wait(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut noted = self.wait.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Some(noted.map_or(until, |earlier| earlier.max(until)));
    }

    /// The replicas that are sent nothing because they have stopped working.
    pub(super) fn resting(&self) -> Vec<usize> {
        let resting = self.queue().slots.resting(Instant::now());
        resting.into_iter().filter(|replica| !self.down.contains(replica)).collect()
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

    /// Waits for the slots of a request, whose turn may come earlier meanwhile. `prepare` is called when it is among the next to get them; not
    /// if it gets them at once.
    pub(super) async fn slot(
        self: &Arc<Self>,
        mut want: Want,
        mut turns: watch::Receiver<Turn>,
        prepare: impl FnOnce(),
    ) -> Result<Slot, NoSlot> {
        let mut prepare = Some(prepare);
        if self.replicas == 0 {
            return Err(NoSlot::NoReplicas);
        }
        let mut silence = self.silence.subscribe();
        let mut waiter = self.enqueue(want.clone());
        let mut slot = loop {
            if let Some(why) = self.silent() {
                return Err(NoSlot::Silent(why));
            }
            self.grant();
            // A replica may begin to rest while this waits.
            let rested = self.queue().slots.next_rested(Instant::now()).unwrap_or_else(|| Instant::now() + REST);
            tokio::select! {
                biased;
                slot = &mut waiter.slot => break slot.map_err(|_| NoSlot::NoReplicas)?,
                Ok(()) = silence.changed() => {}
                Ok(()) = &mut waiter.is_next, if prepare.is_some() => prepare.take().into_iter().for_each(|prepare| prepare()),
                Ok(()) = turns.changed() => {
                    want.turn = *turns.borrow_and_update();
                    // If it has just got its slots, it keeps them.
                    if self.queue().slots.withdraw(waiter.ticket) {
                        waiter = self.enqueue(want.clone());
                    }
                }
                () = tokio::time::sleep_until(rested) => {}
            }
        };
        slot.sent = true;
        self.note(|account| account.sent += 1);
        Ok(slot)
    }

    /// How long a request may take before another replica is asked as well. `None` if there is no other one, or while too little is known.
    pub(super) fn patience(&self) -> Option<Duration> {
        let durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        durations.patience().filter(|_| self.replicas > 1)
    }

    /// Slots for a request that is under way at a replica, at another one that has nothing better to do. `None` if there is none.
    pub(super) fn spare_slot(self: &Arc<Self>, weight: u32, not_at: usize) -> Option<Slot> {
        let replica = {
            let mut queue = self.queue();
            let replica = queue.slots.take_spare(weight, not_at, Instant::now())?;
            self.note_held(&queue.slots);
            replica
        };
        self.note(|account| account.sent += 1);
        Some(Slot { replica, pool: self.clone(), weight, since: Instant::now(), sent: true })
    }

    /// Notes how many slots are held now. The caller holds the lock, so that what is told later happened later.
    fn note_held(&self, slots: &Slots) {
        let (held, waiting) = (slots.held(), slots.waiting() as u64);
        self.note(|account| account.peak = account.peak.max(held));
        tracing::trace!(track = self.service.as_str(), in_use = u64::from(held), waiting);
    }

    fn enqueue(self: &Arc<Self>, want: Want) -> Waiter {
        let ((sender, slot), (teller, is_next)) = (oneshot::channel(), oneshot::channel());
        let mut queue = self.queue();
        let ticket = queue.slots.enqueue(want);
        queue.waiters.insert(ticket, Waits { slot: sender, is_next: Some(teller) });
        Waiter { pool: self.clone(), ticket, slot, is_next }
    }

    /// Hands free slots to those who wait.
    fn grant(self: &Arc<Self>) {
        let handed = {
            let mut queue = self.queue();
            let Queue { slots, waiters } = &mut *queue;
            let grants = slots.grant(Instant::now());
            self.note_held(slots);
            for ticket in slots.first(NEXT) {
                let is_next = waiters.get_mut(ticket).and_then(|waits| waits.is_next.take());
                if let Some(teller) = is_next {
                    let _ = teller.send(()); // It may wait no longer.
                }
            }
            let hand = |Grant { ticket, replica, weight }| {
                let slot = Slot { replica, pool: self.clone(), weight, since: Instant::now(), sent: false };
                (waiters.remove(&ticket), slot)
            };
            grants.into_iter().map(hand).collect::<Vec<_>>()
        };
        // The lock is released: a slot that nobody waits for any more is dropped here, and so freed.
        for (waiter, slot) in handed {
            drop(waiter.map(|waiter| waiter.slot.send(slot)));
        }
    }
}

impl std::fmt::Debug for SlotPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlotPool").field("service", &self.service).finish_non_exhaustive()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut queue = self.pool.queue();
        queue.slots.withdraw(self.ticket);
        queue.waiters.remove(&self.ticket);
    }
}

impl Slot {
    /// When its request was sent.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// The number of slots.
    pub(super) fn weight(&self) -> u32 {
        self.weight
    }

    /// Frees the slot after its request came back.
    pub(super) fn finish(mut self, answered: bool) {
        self.sent = false;
        if answered {
            let mut durations = self.pool.durations.lock().unwrap_or_else(PoisonError::into_inner);
            durations.add(self.since.elapsed());
            drop(durations);
            self.pool.budget.earn();
            self.pool.signs().answered();
            self.pool.queue().slots.answered(self.replica, Instant::now());
        }
        self.pool.note(|account| if answered { account.answered += 1 } else { account.failed += 1 });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.pool.queue().slots.free(self.replica, self.weight);
        let seconds = self.since.elapsed().as_secs_f64() * f64::from(self.weight);
        self.pool.note(|account| {
            account.slot_seconds += seconds;
            account.cancelled += u64::from(self.sent);
        });
        self.pool.grant();
    }
}

#[cfg(test)]
mod tests {
    use super::super::signs::SILENT;
    use super::*;

    fn pool(slots: u32, replicas: usize) -> Arc<SlotPool> {
        let policy = Policy { slots, attempts: 1, batch: 1, local: false, longest_wait: Duration::ZERO };
        Arc::new(SlotPool::new(&Service::of_test(ServiceName::Clip, replicas, policy)))
    }

    async fn slot(pool: &Arc<SlotPool>, sample: u64) -> Option<Slot> {
        slot_in_turn(pool, &watch::Sender::new(Turn { sample, ..Turn::default() })).await
    }

    async fn slot_in_turn(pool: &Arc<SlotPool>, turn: &watch::Sender<Turn>) -> Option<Slot> {
        let want = Want { turn: *turn.borrow(), weight: 1, affinity: [1; 32], failed_at: None };
        pool.slot(want, turn.subscribe(), || {}).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_is_handed_on_when_it_is_freed() {
        let pool = pool(1, 1);
        let first = slot(&pool, 0).await.unwrap();
        let long = Duration::from_secs(3600);
        assert!(tokio::time::timeout(long, slot(&pool, 0)).await.is_err());
        // The one that gave up has left the queue.
        assert_eq!(pool.load().waiting, 0);
        let (late, early) = (pool.clone(), pool.clone());
        let late = tokio::spawn(async move { slot(&late, 9).await });
        tokio::task::yield_now().await;
        let early = tokio::spawn(async move { slot(&early, 1).await });
        tokio::task::yield_now().await;
        assert_eq!((pool.load().held, pool.load().waiting), (1, 2));
        drop(first);
        let early = early.await.unwrap().unwrap();
        assert!(!late.is_finished());
        early.finish(true);
        assert!(late.await.unwrap().is_some());
        let Account { peak, slot_seconds, answered, sent, .. } = pool.account();
        assert_eq!((peak, slot_seconds, answered, sent), (1, 3600.0, 1, 3));
        assert_eq!((pool.load().held, pool.load().waiting), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_are_next_are_told() {
        let pool = pool(1, 1);
        let at_once = Mutex::new(false);
        let turn = watch::Sender::new(Turn::default());
        let want = || Want { turn: Turn::default(), weight: 1, affinity: [1; 32], failed_at: None };
        let first = pool.slot(want(), turn.subscribe(), || *at_once.lock().unwrap() = true).await.ok().unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        for number in 0..NEXT + 2 {
            let (pool, told, turns) = (pool.clone(), told.clone(), turn.subscribe());
            tokio::spawn(async move {
                drop(pool.slot(want(), turns, || told.lock().unwrap().push(number)).await);
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
        }
        assert_eq!((*at_once.lock().unwrap(), told.lock().unwrap().as_slice()), (false, &[0, 1, 2, 3][..]));
        drop(first);
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        assert_eq!(told.lock().unwrap().len(), NEXT + 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_needed_after_all_comes_forward() {
        let pool = pool(2, 1);
        let held = [slot(&pool, 0).await.unwrap(), slot(&pool, 0).await.unwrap()];
        let turn = Arc::new(watch::Sender::new(Turn { speculative: true, sample: 0 }));
        let (first, own) = (pool.clone(), turn.clone());
        let first = tokio::spawn(async move { slot_in_turn(&first, &own).await });
        tokio::task::yield_now().await;
        let second = pool.clone();
        let second = tokio::spawn(async move { slot(&second, 7).await });
        tokio::task::yield_now().await;
        turn.send_replace(Turn::default());
        tokio::task::yield_now().await;
        let [one, other] = held;
        drop(one);
        assert!(first.await.unwrap().is_some() && !second.is_finished());
        drop(other);
        assert!(second.await.unwrap().is_some());
        assert_eq!((pool.load().held, pool.load().waiting), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_are_served_when_a_replica_has_rested() {
        for rests_first in [true, false] {
            let pool = pool(1, 2);
            let mut held = vec![slot(&pool, 0).await.unwrap(), slot(&pool, 0).await.unwrap()];
            let replica = held.pop().unwrap();
            let resting = replica.replica;
            if rests_first {
                pool.rest(resting);
            }
            let waiting = pool.clone();
            let waiter = tokio::spawn(async move { slot(&waiting, 0).await });
            tokio::task::yield_now().await;
            let start = Instant::now();
            pool.rest(resting);
            drop(replica);
            assert_eq!(waiter.await.unwrap().unwrap().replica, resting);
            assert!((REST..=REST * 2).contains(&start.elapsed()), "{:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_is_silent_only_if_what_was_sent_after_its_last_answer_fails() {
        let pool = pool(1, 1);
        let fail = |sent| (0..SILENT).for_each(|_| pool.failed(0, sent, false, "it hangs"));
        let sent = Instant::now();
        let answered = slot(&pool, 0).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        answered.finish(true);
        fail(sent);
        assert_eq!(pool.silent(), None);
        tokio::time::sleep(Duration::from_secs(1)).await;
        fail(Instant::now());
        assert_eq!(pool.silent().as_deref(), Some("it hangs"));
    }

    #[tokio::test]
    async fn a_service_without_replicas_has_no_slots() {
        assert!(slot(&pool(4, 0), 0).await.is_none());
    }
}
