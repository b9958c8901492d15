use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn want(sample: u64, weight: u32, photo: u8) -> Want {
    Want { turn: Turn { sample, ..Turn::default() }, weight, affinity: [photo; 32], failed_at: None }
}

fn replicas(grants: &[Grant]) -> Vec<usize> {
    grants.iter().map(|grant| grant.replica).collect()
}

fn now() -> Instant {
    Instant::now()
}

#[test]
fn a_photo_stays_at_one_replica_until_that_is_full() {
    let mut slots = Slots::new(2, 2);
    for _ in 0..5 {
        slots.enqueue(want(0, 1, 7));
    }
    let given = slots.grant(now());
    let at = replicas(&given);
    assert_eq!((at.len(), at[0] == at[1], at[2] == at[3], at[0] == at[2]), (4, true, true, false));
    assert_eq!((slots.waiting(), slots.held()), (1, 4));
    slots.free(at[3], 1);
    assert_eq!(replicas(&slots.grant(now())), [at[3]]);
}

#[test]
fn earlier_samples_come_first() {
    let mut slots = Slots::new(1, 1);
    let late = slots.enqueue(want(5, 1, 1));
    let early = slots.enqueue(want(2, 1, 1));
    let next = slots.enqueue(want(2, 1, 1));
    let mut got = Vec::new();
    while let [grant] = slots.grant(now())[..] {
        got.push(grant.ticket);
        slots.free(0, 1);
    }
    assert_eq!(got, [early, next, late]);
}

/// What nobody may need takes at most half of the slots, and none while others wait.
#[test]
fn guesses_get_what_nobody_else_wants() {
    let guess = || Want { turn: Turn { speculative: true, sample: 0 }, ..want(0, 1, 1) };
    let mut slots = Slots::new(4, 1);
    let guesses: Vec<Ticket> = (0..3).map(|_| slots.enqueue(guess())).collect();
    let needed = slots.enqueue(want(9, 1, 1));
    let got: Vec<Ticket> = slots.grant(now()).iter().map(|grant| grant.ticket).collect();
    assert_eq!(got, [needed, guesses[0]]);
    let wide = slots.enqueue(want(9, 4, 1));
    slots.free(0, 1);
    assert!(slots.grant(now()).is_empty(), "a request that is needed waits");
    slots.free(0, 1);
    assert_eq!(slots.grant(now())[0].ticket, wide);
    slots.free(0, 4);
    assert_eq!(slots.grant(now()).len(), 2);
    let mut single = Slots::new(1, 1);
    single.enqueue(guess());
    assert!(single.grant(now()).is_empty());
}

/// A second replica is asked although guesses wait, and only requests that are needed are told that they are next.
#[test]
fn guesses_hold_up_nobody() {
    let guess = || Want { turn: Turn { speculative: true, sample: 0 }, ..want(0, 1, 1) };
    let mut slots = Slots::new(2, 2);
    let first = {
        slots.enqueue(want(0, 2, 1));
        slots.grant(now())[0].replica
    };
    for _ in 0..3 {
        slots.enqueue(guess());
    }
    assert_eq!(slots.grant(now()).len(), 1, "half of the other replica");
    assert_eq!((slots.waiting(), slots.first(4).count()), (2, 0));
    slots.free(1 - first, 1);
    assert_eq!(slots.take_spare(1, first, now()), Some(1 - first));
    slots.free(1 - first, 1);
    slots.enqueue(want(3, 2, 1));
    slots.enqueue(want(4, 2, 1));
    assert_eq!(slots.first(4).count(), 2);
    assert_eq!(slots.take_spare(1, first, now()), None, "a request that is needed waits");
}

#[test]
fn a_request_that_failed_goes_to_another_replica_if_that_has_room() {
    let mut slots = Slots::new(1, 2);
    slots.enqueue(want(0, 1, 1));
    let first = slots.grant(now())[0].replica;
    slots.free(first, 1);
    let again = Want { failed_at: Some(first), ..want(0, 1, 1) };
    slots.enqueue(again.clone());
    assert_eq!(replicas(&slots.grant(now())), [1 - first]);
    slots.enqueue(again);
    assert_eq!(replicas(&slots.grant(now())), [first]);
}

#[test]
fn a_replica_that_cannot_be_reached_rests_for_a_while() {
    let (mut slots, start) = (Slots::new(4, 2), now());
    slots.enqueue(want(0, 1, 1));
    let first = slots.grant(start)[0].replica;
    slots.rest(first, start);
    assert_eq!(slots.next_rested(start), Some(start + REST));
    slots.enqueue(want(0, 1, 1));
    assert_eq!(replicas(&slots.grant(start)), [1 - first]);
    // Then it begins with one request at a time.
    slots.enqueue(want(0, 1, 1));
    assert_eq!(replicas(&slots.grant(start + REST)), [1 - first]);
    slots.free(first, 1);
    slots.enqueue(want(0, 1, 1));
    assert_eq!(replicas(&slots.grant(start + REST)), [first]);
    slots.answered(first, start);
    slots.enqueue(want(0, 1, 1));
    assert_eq!(replicas(&slots.grant(start + REST)), [first]);
    (0..2).for_each(|_| slots.free(first, 1));
    // If all rest, a request is sent all the same: its failure is counted.
    (0..2).for_each(|replica| slots.rest(replica, start));
    slots.enqueue(want(0, 1, 1));
    assert_eq!(replicas(&slots.grant(start)), [first]);
}

#[test]
fn a_wide_request_waits_for_one_replica_and_holds_up_no_other() {
    let mut slots = Slots::new(4, 2);
    for photo in 0..4 {
        slots.enqueue(want(0, 2, photo));
    }
    let given = slots.grant(now());
    assert_eq!(given.len(), 4);
    slots.free(0, 2);
    slots.free(1, 2);
    let wide = slots.enqueue(want(0, 4, 0));
    let narrow = slots.enqueue(want(0, 1, 0));
    // Two slots are free at each replica: one replica is kept for the wide request, the narrow one takes the other.
    let got = slots.grant(now());
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].ticket, narrow);
    let kept = 1 - got[0].replica;
    slots.free(kept, 2);
    assert_eq!(slots.grant(now()), [Grant { ticket: wide, replica: kept, weight: 4 }]);
}

#[test]
fn a_server_that_has_too_much_to_do_gets_fewer_requests_and_slowly_more_again() {
    let (mut slots, start) = (Slots::new(8, 1), now());
    slots.step_down(0, start);
    slots.step_down(0, start + STEP / 2);
    for _ in 0..9 {
        slots.enqueue(want(0, 1, 1));
    }
    assert_eq!(slots.grant(start).len(), 4);
    slots.step_down(0, start + STEP);
    slots.step_down(0, start + STEP * 2);
    slots.step_down(0, start + STEP * 3);
    (0..4).for_each(|_| slots.free(0, 1));
    assert_eq!(slots.grant(start).len(), 1);
    slots.answered(0, start);
    assert_eq!(slots.grant(start).len(), 1);
    (0..100).for_each(|_| slots.answered(0, start));
    assert_eq!(slots.grant(start).len(), 3);
    assert_eq!((slots.held(), slots.waiting()), (5, 0));
    // A request for all slots has room where nothing else is under way.
    slots.step_down(0, start + STEP * 9);
    (0..5).for_each(|_| slots.free(0, 1));
    slots.enqueue(want(0, 8, 1));
    assert_eq!(slots.grant(start).len(), 1);
}

/// A server that takes two at a time and refuses the others is sent two at a time, and later one more.
#[test]
fn a_server_that_refuses_gets_what_it_takes() {
    let (mut slots, start) = (Slots::new(8, 1), now());
    for _ in 0..20 {
        slots.enqueue(want(0, 1, 1));
    }
    assert_eq!(slots.grant(start).len(), 8);
    for _ in 0..6 {
        slots.refused(0, 1, start);
        slots.free(0, 1);
    }
    assert!(slots.grant(start).is_empty() && slots.held() == 2);
    for answered in [start, start + PROBE] {
        for _ in 0..2 {
            slots.free(0, 1);
            slots.answered(0, answered);
        }
        assert_eq!(slots.grant(answered).len(), 2);
    }
    // One more is allowed by now, and given after as many answers as there are slots.
    for _ in 0..2 {
        slots.free(0, 1);
        slots.answered(0, start + PROBE);
    }
    assert_eq!(slots.grant(start + PROBE).len(), 3);
    // It is refused as well: two are what it takes.
    slots.refused(0, 1, start + PROBE);
    slots.free(0, 1);
    assert!(slots.grant(start + PROBE).is_empty());
    // A server that asks for a pause is sent nothing, even if there is no other.
    slots.wait(0, start + PROBE * 2);
    slots.free(0, 1);
    assert!(slots.grant(start + PROBE).is_empty());
    assert_eq!(slots.next_rested(start + PROBE), Some(start + PROBE * 2));
    assert_eq!(slots.grant(start + PROBE * 2).len(), 1);
}

/// A server that refuses some requests for another reason, here every fiftieth, keeps most of its slots.
#[test]
fn refusals_now_and_then_take_few_slots() {
    let (mut slots, start) = (Slots::new(64, 1), now());
    let mut held = 0_u32;
    for number in 0..20_000_u32 {
        slots.enqueue(want(0, 1, 1));
        held += u32::try_from(slots.grant(start).len()).unwrap();
        if held > 0 {
            if number % 50 == 0 {
                slots.refused(0, 1, start);
            } else {
                slots.answered(0, start);
            }
            slots.free(0, 1);
            held -= 1;
        }
    }
    assert!(slots.replicas[0].limit > 30, "{}", slots.replicas[0].limit);
}

/// Plays a random schedule: requests come, are withdrawn, end, fail and are refused, replicas rest, time passes.
fn play(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (each, count) = (random.u32(1..8), random.usize(1..4));
    let (mut slots, mut time) = (Slots::new(each, count), now());
    let mut under_way: Vec<Grant> = Vec::new();
    let mut waiting: BTreeMap<Ticket, u32> = BTreeMap::new();
    let mut ended: BTreeSet<Ticket> = BTreeSet::new();
    for _ in 0..200 {
        time += Duration::from_millis(random.u64(0..900));
        match random.u32(0..10) {
            0..4 => {
                let failed_at = random.bool().then(|| random.usize(0..count));
                let weight = if random.u32(0..4) == 0 { random.u32(1..10) } else { 1 };
                let turn = Turn { speculative: random.u32(0..4) == 0, sample: random.u64(0..5) };
                let ticket = slots.enqueue(Want { turn, weight, failed_at, affinity: [random.u8(0..3); 32] });
                assert!(waiting.insert(ticket, weight.min(each)).is_none(), "a ticket was given twice");
            }
            4 => {
                if let Some(ticket) = waiting.keys().next().copied() {
                    assert!(slots.withdraw(ticket));
                    waiting.remove(&ticket);
                }
            }
            5 => slots.rest(random.usize(0..count), time),
            6 => match random.u32(0..4) {
                0 => slots.step_down(random.usize(0..count), time),
                1 => drop(slots.failed(random.usize(0..count), time)),
                2 => slots.refused(random.usize(0..count), 1, time),
                _ => slots.wait(random.usize(0..count), time + Duration::from_millis(random.u64(0..900))),
            },
            _ => {
                if !under_way.is_empty() {
                    let grant = under_way.swap_remove(random.usize(0..under_way.len()));
                    slots.free(grant.replica, grant.weight);
                    if random.bool() {
                        slots.answered(grant.replica, time);
                    }
                }
            }
        }
        let before: Vec<u32> = slots.replicas.iter().map(|replica| replica.held).collect();
        for grant in slots.grant(time) {
            if grant.ticket.0.speculative {
                assert!(waiting.keys().all(|(turn, _)| turn.speculative), "a guess came before what is needed");
            }
            assert_eq!(waiting.remove(&grant.ticket), Some(grant.weight), "slots for one that does not wait");
            assert!(ended.insert(grant.ticket), "slots given twice");
            assert!(!slots.withdraw(grant.ticket));
            under_way.push(grant);
        }
        for (at, replica) in slots.replicas.iter().enumerate() {
            let held: u32 = under_way.iter().filter(|grant| grant.replica == at).map(|grant| grant.weight).sum();
            assert_eq!(held, replica.held, "what is held is what is under way");
            assert!(held <= each, "more slots than there are");
            assert!(held <= before[at] || held <= replica.limit || before[at] == 0, "more than the server is sent now");
        }
        // No slot is free for the first in the queue, and none at all while requests for one slot wait and no wider one came before.
        let rests = |replica: &Replica| replica.rests_until.is_some_and(|until| until > time);
        let all_rest = slots.replicas.iter().all(rests);
        let usable = || slots.replicas.iter().filter(|replica| (all_rest || !rests(replica)) && !replica.waits(time));
        let needed: Vec<(&Ticket, &u32)> = waiting.iter().filter(|((turn, _), _)| !turn.speculative).collect();
        match needed.first() {
            Some((ticket, weight)) => {
                assert!(usable().all(|replica| !replica.has_room(**weight)), "{ticket:?} waits for nothing");
            }
            None => {
                let spare = waiting.values().any(|weight| usable().any(|replica| replica.has_spare_room(*weight)));
                assert!(!spare, "a guess waits for nothing");
            }
        }
        let wide_first = needed.iter().take_while(|(_, weight)| **weight > 1).count();
        if needed.len() > wide_first {
            let free = usable().filter(|replica| replica.has_room(1)).count();
            assert!(free <= wide_first, "slots are free while requests wait");
        }
        assert_eq!(slots.waiting(), waiting.len());
    }
    // What is under way ends, replicas have rested: everything gets its slots, in the order of samples.
    time += REST;
    let mut last = Turn::default();
    while !(waiting.is_empty() && under_way.is_empty()) {
        for grant in std::mem::take(&mut under_way) {
            slots.free(grant.replica, grant.weight);
        }
        // Guesses that are left are needed after all.
        if waiting.keys().all(|(turn, _)| turn.speculative) {
            for (ticket, weight) in std::mem::take(&mut waiting) {
                assert!(slots.withdraw(ticket));
                waiting.insert(slots.enqueue(want(5, weight, 0)), weight);
            }
        }
        let granted = slots.grant(time);
        assert!(!granted.is_empty() || waiting.is_empty(), "{} requests wait for ever", waiting.len());
        let least = granted.iter().map(|grant| grant.ticket.0).min().unwrap_or(last);
        assert!(least >= last, "an earlier sample came later");
        last = least;
        for grant in granted {
            waiting.remove(&grant.ticket);
            under_way.push(grant);
        }
    }
    assert_eq!((slots.held(), slots.waiting()), (0, 0));
}

#[test]
fn random_schedules_keep_the_rules() {
    for seed in 0..3000 {
        let played = std::panic::catch_unwind(|| play(seed));
        assert!(played.is_ok(), "the schedule of seed {seed} breaks a rule");
    }
}
