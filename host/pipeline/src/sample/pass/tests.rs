//! Whatever the order in which answers come, the result is the same. The answers are made from the questions' keys and come in a random
//! order, without servers and without a clock.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use rescue_config::{Config, Overlay, resolve};
use rescue_core::{Digest, Photo, Prompt, Rect, Size};
use rescue_mask::Mask;
use rescue_plugin::{Limits, Runtime};
use rescue_service::{Segment, Shape, write_segmented};
use serde_json::{Value, json};

mod policy;
mod reruns;

use super::*;
use crate::ask::OpenCall;
use crate::exchange::{Request, StoredAnswer, Tokens};
use crate::plugins::{self, Capabilities, PluginChoice};
use crate::sample::State;
use crate::services::ServiceName;
use crate::services::recorded;

const SIZE: Size = Size::new(96, 64);

/// Answers the calls under way in a random order.
struct RandomOrder {
    random: Rng,
    /// The share of questions without an answer.
    absent: f64,
    under_way: Vec<Vec<(Key, QuestionOutcome)>>,
    asked: BTreeSet<Key>,
    answered: BTreeSet<Key>,
    /// Those of them that were asked as guesses alone.
    guessed: BTreeSet<Key>,
    /// The questions to the verifier's model, in the order in which they were first asked.
    judged: Vec<Key>,
    /// The question that has no answer, of those that would have one.
    failing: Option<Key>,
    /// Masks in whose place the executor gives another one, by their boxes.
    moved: Vec<rescue_mask::Bounds>,
}

impl RandomOrder {
    fn new(seed: u64, absent: f64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            absent,
            under_way: Vec::new(),
            asked: BTreeSet::new(),
            answered: BTreeSet::new(),
            guessed: BTreeSet::new(),
            moved: Vec::new(),
            judged: Vec::new(),
            failing: None,
        }
    }
}

impl AnswerSource for RandomOrder {
    fn begin(&mut self, OpenCall { call, open }: OpenCall) {
        let outcomes = open.into_iter().map(|(place, key)| {
            let is_guess = call.turn.speculative;
            let needed_now = self.guessed.contains(&key) && !is_guess;
            assert!(self.asked.insert(key) || needed_now, "a question was asked twice");
            if is_guess {
                self.guessed.insert(key)
            } else {
                self.guessed.remove(&key)
            };
            // The key decides: so it has the same outcome in every run.
            if call.service == ServiceName::Verifier {
                self.judged.push(key);
            }
            if key.as_bytes()[0] < (self.absent * 256.0) as u8 || self.failing == Some(key) {
                let why = "503".to_owned();
                let absence = Absence { kind: AbsenceKind::Failed, service: call.service.to_string(), why };
                return (key, Err(absence));
            }
            let mut answer = answer(&call.request, place, &key);
            if let Request::Segment { prompts, .. } = &call.request {
                let own = prompts[place].rect.and_then(|rect| Mask::from_rect(SIZE, rect).bounds());
                if own.is_some_and(|own| self.moved.contains(&own)) {
                    let mask = Mask::from_rect(SIZE, Rect { x_min: 0.0, y_min: 0.0, x_max: 5.0, y_max: 5.0 });
                    answer = write_segmented(&Ok(Segment { mask, predicted_iou: Some(1.0) })).unwrap();
                }
            }
            let digest = blake3::hash(answer.to_string().as_bytes());
            (
                key,
                Ok(Arc::new(StoredAnswer {
                    key,
                    answer,
                    digest,
                    is_new: true,
                    tokens: Tokens::default(),
                    seconds: 0.0,
                })),
            )
        });
        let outcomes = outcomes.collect();
        self.under_way.push(outcomes);
    }

    fn wait(&mut self, _: &mut dyn FnMut(Progress)) -> Waited {
        let mut outcomes = Vec::new();
        for _ in 0..self.random.usize(1..=3).min(self.under_way.len()) {
            outcomes.extend(self.under_way.swap_remove(self.random.usize(..self.under_way.len())));
        }
        self.answered.extend(outcomes.iter().map(|(key, _)| *key));
        Waited { outcomes, error: None }
    }

    fn look_up(&mut self, _: &OpenCall) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        Ok(Vec::new())
    }

    fn withdraw(&mut self, keys: &BTreeSet<Key>) {
        for key in keys {
            assert!(self.guessed.remove(key) && self.asked.remove(key), "what is needed is not withdrawn");
        }
        self.under_way.retain(|call| !call.iter().all(|(key, _)| keys.contains(key)));
    }

    fn withdraw_all(&mut self) {
        // A right guess was asked twice, and its other outcome may be there.
        for (key, _) in self.under_way.drain(..).flatten().filter(|(key, _)| !self.answered.contains(key)) {
            self.asked.remove(&key);
        }
    }
}

/// A rectangle that a key decides.
fn rect(key: &Key) -> Rect {
    let [_, x, y, width, height, ..] = *key.as_bytes();
    // Some are near duplicates.
    let [x, y, width, height] = [x / 16, y / 16, width / 32, height / 32].map(f64::from);
    let (x_min, y_min) = (x * 3.0 + 1.0, y * 2.0 + 1.0);
    Rect { x_min, y_min, x_max: x_min + 16.0 + 3.0 * width, y_max: y_min + 10.0 + 2.0 * height }
}

pub(super) fn answer(request: &Request, place: usize, key: &Key) -> Value {
    let byte = key.as_bytes()[5];
    match request {
        Request::Segment { prompts, .. } => {
            let Prompt { rect, .. } = &prompts[place];
            let mask = Mask::from_rect(SIZE, rect.unwrap());
            write_segmented(&Ok(Segment { mask, predicted_iou: Some(f64::from(byte) / 255.0) })).unwrap()
        }
        Request::Clip { .. } => json!({"score": f64::from(byte) / 3.0}),
        Request::Chat(chat) => {
            let text = match &chat.question.shape {
                Shape::Choice(options) => options[usize::from(byte) % options.len()].clone(),
                Shape::Boxes => {
                    let Rect { x_min, y_min, x_max, y_max } = rect(key);
                    format!("[{{\"bbox_2d\": [{x_min}, {y_min}, {x_max}, {y_max}], \"label\": \"a dog\"}}]")
                }
                _ => "the dog, said in another way".to_owned(),
            };
            json!({"message": {"role": "assistant", "content": text}, "finish_reason": "stop"})
        }
        _ => unreachable!("the standard plugins ask no detector"),
    }
}

fn config(count: u32) -> Config {
    let value = |path: &str, value: Value| Overlay { flag: "--with".into(), path: path.into(), value };
    let overlays = [
        value("planner.model", json!("a")),
        value("planner.coordinates", json!("shown")),
        value("verifier.model", json!("b")),
        value("run.n", json!(count)),
        value("executor.batch", json!(3)),
        value("clip.batch", json!(2)),
    ];
    resolve(None, |_| None, &overlays).unwrap().config
}

/// The result of a search, as `result.json` holds it, and what the live pass did.
struct Searched {
    record: Value,
    state: State,
    live: Option<LivePass>,
    asked: BTreeSet<Key>,
}

pub(super) struct World {
    pub(super) services: Services,
    pub(super) plugins: PluginSet,
    pub(super) sample: Sample,
    pub(super) options: Options,
    strategies: Vec<PluginSet>,
    further: Further,
}

/// A runtime that shares the program's cache of compiled code: compiling would take longer than most tests.
pub(super) fn runtime() -> Runtime {
    Runtime::new(Limits::default(), plugins::compiled_folder().as_deref()).unwrap()
}

impl World {
    pub(super) fn new(count: u32) -> Self {
        let config = config(count);
        let services = recorded(&config, &BTreeMap::new()).unwrap();
        let runtime = runtime();
        let capabilities = Capabilities::of(&services);
        let (plugins, _) = plugins::load(&runtime, &PluginChoice::Named(Vec::new()), &config, capabilities).unwrap();
        let pixels = (0..SIZE.pixels() * 3).map(|at| (at % 251) as u8).collect();
        let photo = Photo::new(SIZE, pixels, Digest::of(b"photo")).unwrap();
        let sample =
            Sample { photo: Arc::new(photo), file: None, query: "the dog".into(), id: None, number: 0, seed: None };
        let (strategies, further) = (Vec::new(), Further::default());
        Self { services, plugins, sample, options: Options::from(&config), strategies, further }
    }

    fn outcome(&self, source: &mut RandomOrder, live: Option<Live>) -> Result<Outcome, RunError> {
        self.outcome_with(BTreeMap::new(), source, live)
    }

    /// The outcome if these questions had no answer in an earlier run.
    fn outcome_with(
        &self,
        absences: BTreeMap<Key, Absence>,
        source: &mut RandomOrder,
        live: Option<Live>,
    ) -> Result<Outcome, RunError> {
        let Self { services, plugins, sample, options, strategies, further } = self;
        let room = Limits::default().room;
        let surroundings = Surroundings { strategies, further, plugins, services, room, traces: None, live };
        search(surroundings, sample, options, absences, source, &mut |_| {})
    }

    fn search(&self, mut source: RandomOrder, live: Option<Live>) -> Result<Searched, RunError> {
        let outcome = self.outcome(&mut source, live)?;
        let record = serde_json::to_value(&outcome.record).unwrap();
        Ok(Searched { record, state: outcome.record.state, live: outcome.timings.live, asked: source.asked })
    }
}

/// `RESCUE_SCHEDULES=1000` tries as many orders.
#[test]
fn the_order_of_answers_changes_nothing() {
    let world = World::new(24);
    let orders: u64 = std::env::var("RESCUE_SCHEDULES").map_or(12, |text| text.parse().unwrap());
    for absent in [0.0, 0.1] {
        let expected = world.search(RandomOrder::new(0, absent), None).unwrap();
        assert_eq!(expected.state, if absent == 0.0 { State::Complete } else { State::Degraded });
        assert!(expected.live.is_none());
        for seed in 0..orders {
            for live in [None, Some(Live { guesses: false }), Some(Live { guesses: true })] {
                let found = world.search(RandomOrder::new(seed, absent), live).unwrap();
                assert_eq!(found.record, expected.record, "seed {seed}, {absent} absent, {live:?}");
                let Some(LivePass { guesses, missed, ended, .. }) = found.live else { continue };
                assert_eq!((ended, missed), (None, 0), "seed {seed}");
                // The standard plugins ask the same, in whatever order they are told, and what they guess.
                assert!(found.asked.is_superset(&expected.asked), "seed {seed}");
                assert!(guesses > 0 || found.asked == expected.asked, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_service_without_one_answer_ends_the_search() {
    let world = World::new(24);
    for live in [None, Some(Live { guesses: true })] {
        let error = world.search(RandomOrder::new(0, 1.0), live).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("planner: none of "), "{error}");
    }
}
