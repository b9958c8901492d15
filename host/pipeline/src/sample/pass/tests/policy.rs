//! Which share of a service's slots the schedule keeps busy: the real admission, flows and slots in virtual time, with no machine in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::exchange::{Slots, Ticket, Want};
use crate::run::enough;

/// The slots of each service.
const SLOTS: u32 = 64;
/// The median time of a request.
const MEDIAN: f64 = 0.05;

/// A sample, and questions of it with their outcomes.
type Asked = (usize, Vec<(Key, QuestionOutcome)>);

/// Requests of all samples that wait or are under way.
#[derive(Default)]
struct Requests {
    /// By service.
    waiting: BTreeMap<(ServiceName, Ticket), Asked>,
    ends: BinaryHeap<Reverse<(Duration, usize)>>,
    under_way: BTreeMap<usize, Ended>,
    begun: usize,
}

struct Ended {
    service: ServiceName,
    replica: usize,
    weight: u32,
    sample: usize,
    outcomes: Vec<(Key, QuestionOutcome)>,
}

/// The calls that a flow begins.
#[derive(Default)]
struct Begun(Vec<OpenCall>);

impl AnswerSource for Begun {
    fn begin(&mut self, call: OpenCall) {
        self.0.push(call);
    }

    fn wait(&mut self, _: &mut dyn FnMut(Progress)) -> Waited {
        Waited::default()
    }

    fn look_up(&mut self, _: &OpenCall) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        Ok(Vec::new())
    }

    fn withdraw(&mut self, _: &BTreeSet<Key>) {}

    fn withdraw_all(&mut self) {}
}

/// The share of the verifier's slots that are busy from when all are first in use until the last sample is admitted.
fn busy_share(samples: usize, sigma: f64) -> f64 {
    let world = World::new(64);
    let World { services, plugins, options, .. } = &world;
    let named =
        |number: usize| Sample { query: format!("the dog {number}"), number: number as u64, ..world.sample.clone() };
    let none = Further::default();
    let samples: Vec<Sample> = (0..samples).map(named).collect();
    let mut random = Rng::with_seed(1);
    let start = Instant::now();
    let mut now = Duration::ZERO;
    let mut slots: BTreeMap<ServiceName, Slots> = BTreeMap::new();
    let mut requests = Requests::default();
    let mut flows: BTreeMap<usize, Flow> = BTreeMap::new();
    let mut next = 0;
    let (mut full_since, mut busy) = (None, 0.0);
    loop {
        let mut moved: Vec<usize> = Vec::new();
        while flows.len() < enough(SLOTS as usize) && next < samples.len() {
            let sample = &samples[next];
            let (room, further) = (Limits::default().room, &none);
            let surroundings =
                Surroundings { strategies: &[], further, plugins, services, room, traces: None, live: None };
            let passes = Passes::new(surroundings, sample, options).unwrap();
            let flow = passes.flow(Telling::Live, false, SampleAnswers::default(), MadeMasks::new()).unwrap();
            flows.insert(next, flow);
            moved.push(next);
            next += 1;
        }
        if next == samples.len() {
            let since = full_since.unwrap_or(now);
            return busy / (f64::from(SLOTS) * (now - since).as_secs_f64());
        }
        if let Some(Reverse((time, number))) = requests.ends.pop() {
            let verifier = slots.get(&ServiceName::Verifier).map_or(0, Slots::held);
            if full_since.is_some() {
                busy += f64::from(verifier) * (time - now).as_secs_f64();
            } else if verifier == SLOTS {
                full_since = Some(now);
            }
            now = time;
            let Ended { service, replica, weight, sample, outcomes } = requests.under_way.remove(&number).unwrap();
            slots.get_mut(&service).unwrap().free(replica, weight);
            if let Some(flow) = flows.get_mut(&sample) {
                outcomes.into_iter().for_each(|(key, outcome)| flow.tell(key, outcome));
                moved.push(sample);
            }
        }
        for sample in moved {
            let flow = flows.get_mut(&sample).unwrap();
            flow.advance(&mut |_| {}).unwrap();
            let mut begun = Begun::default();
            begin(flow, &mut begun, &mut |_| {});
            for OpenCall { call, open } in begun.0 {
                let outcomes = open.iter().map(|(place, key)| {
                    let answer = answer(&call.request, *place, key);
                    let digest = blake3::hash(answer.to_string().as_bytes());
                    (
                        *key,
                        Ok(Arc::new(StoredAnswer {
                            key: *key,
                            answer,
                            digest,
                            is_new: true,
                            tokens: Tokens::default(),
                            seconds: 0.0,
                        })),
                    )
                });
                let weight = if matches!(call.request, Request::Chat(_)) { open.len() as u32 } else { 1 };
                let want = Want { turn: call.turn, weight, affinity: call.affinity, failed_at: None };
                let ticket = slots.entry(call.service).or_insert_with(|| Slots::new(SLOTS, 1)).enqueue(want);
                requests.waiting.insert((call.service, ticket), (sample, outcomes.collect()));
            }
            if flow.is_done() {
                flows.remove(&sample);
            }
        }
        for (service, slots) in &mut slots {
            for grant in slots.grant(start + now) {
                let (sample, outcomes) = requests.waiting.remove(&(*service, grant.ticket)).unwrap();
                // Box and Muller's way to a normal number.
                let normal = (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos();
                let end = now + Duration::from_secs_f64(MEDIAN * (sigma * normal).exp());
                requests.begun += 1;
                requests.ends.push(Reverse((end, requests.begun)));
                let (replica, weight) = (grant.replica, grant.weight);
                requests
                    .under_way
                    .insert(requests.begun, Ended { service: *service, replica, weight, sample, outcomes });
            }
        }
    }
}

/// The busiest service is busy. What is missing is the schedule's own loss.
#[test]
fn the_busiest_service_is_kept_busy() {
    for sigma in [0.0, 0.6] {
        let share = busy_share(32, sigma);
        println!("sigma {sigma}: {:.1} % of the slots are busy", 100.0 * share);
        assert!(share >= 0.95, "sigma {sigma}: {share}");
    }
}
