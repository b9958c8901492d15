//! Which request gets which slot: plain state without a clock, threads or I/O, so that it is tested over thousands of random schedules.
//!
//! A slot is the right to have one request under way at a replica. Requests wait in the order of their samples, and among those of one
//! sample in the order of their coming. Requests with one affinity go to one replica, which has seen their photo already, but do not
//! wait for it while another one has a free slot. Requests whose answers may not be needed get what nobody else wants, and of each replica
//! at most half.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// How long a replica that does not work is sent nothing, before it is tried again.
pub(crate) const REST: Duration = Duration::from_secs(30);
/// How long a server that takes no more requests at a time is not tried with more.
const PROBE: Duration = Duration::from_secs(10);
/// So many refusals without an answer between them show how many requests a server takes at a time. A single one may have any reason.
const REFUSALS: u32 = 3;
/// The shortest time between two steps down of a replica. Requests that are refused together count as one refusal.
const STEP: Duration = Duration::from_secs(1);

/// After so many failures without an answer between them, a replica is sent nothing for a while, if there is another one.
const FAILURES: u32 = 3;

/// How much less urgent a request is whose answer may not be needed.
const GUESS: u32 = 1 << 30;

/// When a request gets free slots: the lowest turn first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Turn {
    /// Whether it is not known yet if the answer will be needed. Such requests come last.
    pub(crate) speculative: bool,
    /// The number of its sample in the run.
    pub(crate) sample: u64,
}

impl Turn {
    /// How much less urgent it is than the first turn of all, for servers that schedule by priority.
    pub(super) fn priority_offset(self) -> u32 {
        let sample = u32::try_from(self.sample).unwrap_or(u32::MAX).min(GUESS - 1);
        if self.speculative { GUESS + sample } else { sample }
    }
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub(crate) struct Want {
    pub(crate) turn: Turn,
    /// The number of slots, at least 1: a request for several answers takes as many. At most all slots of a replica are held for it.
    pub(crate) weight: u32,
    /// Requests with the same one prefer the same replica.
    pub(crate) affinity: [u8; 32],
    /// The replica at which it has just failed; another one is preferred. `None` at the first attempt.
    pub(crate) failed_at: Option<usize>,
}

/// A request in the queue, by its turn and its number.
pub(crate) type Ticket = (Turn, u64);

/// Slots that a request has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) ticket: Ticket,
    pub(crate) replica: usize,
    pub(crate) weight: u32,
}

/// The slots of one service.
#[derive(Debug)]
pub(crate) struct Slots {
    /// The slots of each replica.
    slots: u32,
    replicas: Vec<Replica>,
    queue: BTreeMap<Ticket, Want>,
    next: u64,
}

#[derive(Debug)]
struct Replica {
    held: u32,
    /// The slots that are given out: all, or fewer after the server has said that it has too much to do.
    limit: u32,
    /// Answers since the limit last rose.
    answered: u32,
    /// Below this limit, each answer brings one slot back.
    steep: u32,
    stepped_down: Option<Instant>,
    /// Requests that its server has refused as too many since its last answer.
    refused: u32,
    /// As many requests at a time as its server seems to take: the limit rises no further. `slots` if it takes all.
    ceiling: u32,
    /// When a few more are tried. `None` if the ceiling has never come down.
    probe: Option<Instant>,
    /// Whether a few more are being tried now.
    probing: bool,
    /// Failures since its last answer.
    failures: u32,
    /// Until when it is sent nothing because it does not work. `None` if it does.
    rests_until: Option<Instant>,
    /// Until when its server has asked to be sent nothing. `None` if it has not.
    waits_until: Option<Instant>,
}

impl Slots {
    /// `slots` slots, at least 1, at each of these many replicas.
    pub(crate) fn new(slots: u32, replicas: usize) -> Self {
        let slots = slots.max(1);
        let replica = || Replica {
            held: 0,
            limit: slots,
            answered: 0,
            steep: 0,
            stepped_down: None,
            refused: 0,
            ceiling: slots,
            probe: None,
            probing: false,
            failures: 0,
            rests_until: None,
            waits_until: None,
        };
        Self { slots, replicas: (0..replicas).map(|_| replica()).collect(), queue: BTreeMap::new(), next: 0 }
    }

    /// Slots held at all replicas together.
    pub(crate) fn held(&self) -> u32 {
        self.replicas.iter().map(|replica| replica.held).sum()
    }

    /// Requests that wait for a slot.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// The first requests in the queue whose answers are needed, at most `most`.
    pub(super) fn first(&self, most: usize) -> impl Iterator<Item = &Ticket> {
        self.queue.keys().take(most).take_while(|(turn, _)| !turn.speculative)
    }

    /// Puts a request into the queue.
    pub(crate) fn enqueue(&mut self, want: Want) -> Ticket {
        let ticket = (want.turn, self.next);
        self.next += 1;
        let weight = want.weight.clamp(1, self.slots);
        self.queue.insert(ticket, Want { weight, ..want });
        ticket
    }

    /// Takes a request out of the queue. Returns false if it is not there: it has its slots.
    pub(crate) fn withdraw(&mut self, ticket: Ticket) -> bool {
        self.queue.remove(&ticket).is_some()
    }

    /// Frees the slots of a request that has ended.
    pub(crate) fn free(&mut self, replica: usize, weight: u32) {
        if let Some(replica) = self.replicas.get_mut(replica) {
            replica.held = replica.held.saturating_sub(weight);
        }
    }

    /// Notes an answer of a replica: after as many as it has slots now, it gets one more of those that it has lost.
    pub(super) fn answered(&mut self, replica: usize, now: Instant) {
        let Some(replica) = self.replicas.get_mut(replica) else { return };
        (replica.failures, replica.refused) = (0, 0);
        if replica.limit < replica.ceiling {
            replica.answered += 1;
            if replica.limit < replica.steep || replica.answered >= replica.limit {
                replica.limit += 1;
                replica.answered = 0;
            }
        } else if replica.ceiling < self.slots && replica.probe.is_none_or(|probe| probe <= now) {
            replica.ceiling = (replica.ceiling + (replica.ceiling / 4).max(1)).min(self.slots);
            (replica.probe, replica.probing) = (Some(now + PROBE), true);
        }
    }

    /// Notes a failure of a replica. Returns whether it is sent nothing from now on.
    pub(super) fn failed(&mut self, replica: usize, now: Instant) -> bool {
        let Some(failures) = self.replicas.get_mut(replica).map(|replica| {
            replica.failures += 1;
            replica.failures
        }) else {
            return false;
        };
        let rests = failures >= FAILURES && self.replicas.len() > 1;
        if rests {
            self.rest(replica, now);
        }
        rests
    }

    /// Notes that a server refuses a request of this weight because it is sent too many: it gets less at a time. If it refuses several without
    /// an answer between them, it gets no more than it has taken, and only after [`PROBE`] a few more.
    pub(super) fn refused(&mut self, replica: usize, weight: u32, now: Instant) {
        let Some(replica) = self.replicas.get_mut(replica) else { return };
        replica.refused += 1;
        let most = if replica.refused > 1 { replica.held } else { replica.limit };
        replica.limit = most.saturating_sub(weight).clamp(1, replica.limit);
        (replica.answered, replica.steep) = (0, 0);
        if replica.refused >= REFUSALS || replica.probing {
            (replica.ceiling, replica.probe, replica.probing) = (replica.limit, Some(now + PROBE), false);
        }
    }

    /// Halves the slots of a replica whose server says that it has too much to do; one is left.
    pub(super) fn step_down(&mut self, replica: usize, now: Instant) {
        let Some(replica) = self.replicas.get_mut(replica) else { return };
        if replica.stepped_down.is_none_or(|at| now.duration_since(at) >= STEP) {
            replica.limit = (replica.limit / 2).max(1);
            (replica.answered, replica.steep) = (0, 0);
            replica.stepped_down = Some(now);
        }
    }

    /// Sends nothing to a replica for [`REST`], as long as another one works. Then it begins with one request at a time, and has all its
    /// slots again after as many answers.
    pub(super) fn rest(&mut self, replica: usize, now: Instant) {
        let (slots, several) = (self.slots, self.replicas.len() > 1);
        if let Some(replica) = self.replicas.get_mut(replica) {
            replica.rests_until = Some(now + REST);
            if several {
                (replica.limit, replica.answered, replica.steep) = (1, 0, slots);
            }
        }
    }

    /// Sends nothing to a replica until then: its server asks for it.
    pub(super) fn wait(&mut self, replica: usize, until: Instant) {
        if let Some(replica) = self.replicas.get_mut(replica) {
            replica.waits_until = replica.waits_until.max(Some(until));
        }
    }

    /// Takes slots for a request that is under way at one replica at the least busy other one, if no request waits for them whose answer is
    /// needed, and at least half of its slots stay free. Returns that replica.
    pub(super) fn take_spare(&mut self, weight: u32, not_at: usize, now: Instant) -> Option<usize> {
        if self.queue.keys().next().is_some_and(|(turn, _)| !turn.speculative) {
            return None;
        }
        let others = self.replicas.iter_mut().enumerate().filter(|(at, _)| *at != not_at);
        let usable =
            others.filter(|(_, replica)| !replica.rests(now) && !replica.waits(now) && replica.has_spare_room(weight));
        let (at, replica) = usable.min_by_key(|(_, replica)| replica.held)?;
        replica.held += weight;
        Some(at)
    }

    /// When the next replica has rested or waited. `None` if none does.
    pub(super) fn next_rested(&self, now: Instant) -> Option<Instant> {
        let ends = self.replicas.iter().flat_map(|replica| [replica.rests_until, replica.waits_until]);
        ends.flatten().filter(|until| *until > now).min()
    }

    /// The replicas that are sent nothing because they do not work.
    pub(super) fn resting(&self, now: Instant) -> Vec<usize> {
        let all = self.replicas.iter().enumerate();
        all.filter(|(_, replica)| replica.rests(now)).map(|(at, _)| at).collect()
    }

    /// Gives free slots to the requests that come first. A request for more slots than are free at any replica keeps the least busy one
    /// for itself, until enough of its slots are free.
    pub(crate) fn grant(&mut self, now: Instant) -> Vec<Grant> {
        let rests = |replica: &Replica| replica.rests(now);
        // If none can be reached, each is tried as if it could.
        let all_rest = self.replicas.iter().all(rests);
        let mut open: Vec<usize> = (0..self.replicas.len())
            .filter(|at| {
                self.replicas
                    .get(*at)
                    .is_some_and(|replica| (all_rest || !rests(replica)) && !replica.waits(now) && replica.has_room(1))
            })
            .collect();
        let mut grants = Vec::new();
        let mut others_wait = false;
        for (ticket, want) in &self.queue {
            let speculative = want.turn.speculative;
            if open.is_empty() || speculative && others_wait {
                break;
            }
            let replica_of = |at: &usize| self.replicas.get(*at);
            let has_room = |replica: &Replica| match speculative {
                true => replica.has_spare_room(want.weight),
                false => replica.has_room(want.weight),
            };
            let fitting = open.iter().copied().filter(|at| replica_of(at).is_some_and(has_room));
            // The replica of its affinity comes first, the one at which it failed last.
            match fitting.min_by_key(|at| (Some(*at) == want.failed_at, distance(&want.affinity, *at))) {
                Some(at) => {
                    grants.push(Grant { ticket: *ticket, replica: at, weight: want.weight });
                    if let Some(replica) = self.replicas.get_mut(at) {
                        replica.held += want.weight;
                        if !replica.has_room(1) {
                            open.retain(|other| *other != at);
                        }
                    }
                }
                None if speculative => {}
                None => {
                    others_wait = true;
                    let kept = open.iter().copied().min_by_key(|at| replica_of(at).map(|replica| replica.held));
                    open.retain(|at| Some(*at) != kept);
                }
            }
        }
        for grant in &grants {
            self.queue.remove(&grant.ticket);
        }
        grants
    }
}

impl Replica {
    /// Whether it is sent nothing now, because it does not work.
    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Whether it is sent nothing now, because its server asks for that.
    fn waits(&self, now: Instant) -> bool {
        self.waits_until.is_some_and(|until| until > now)
    }

    /// Whether these many slots are free. A request for more slots than are given out now has room where nothing else is under way.
    fn has_room(&self, weight: u32) -> bool {
        self.held == 0 || self.held.saturating_add(weight) <= self.limit
    }

    /// Whether these many slots are free, and at least half of all stays free for requests whose answers are needed.
    fn has_spare_room(&self, weight: u32) -> bool {
        self.held.saturating_add(weight) <= self.limit / 2
    }
}

/// How far a replica is from an affinity. Rendezvous hashing: if a replica is added or removed, few affinities change their nearest one.
fn distance(affinity: &[u8; 32], replica: usize) -> [u8; 32] {
    let mut words = affinity.to_vec();
    words.extend((replica as u64).to_le_bytes());
    *blake3::hash(&words).as_bytes()
}

#[cfg(test)]
mod tests;
