//! Plays an event log back into a fresh instance: makes the same calls with the same arguments and the same results of look-ups. A
//! plugin that keeps the contract then gives the same answers and uses the same fuel.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;
use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::{planner, scorer, tournament, verifier};
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::trace::{Call, Event, Header, Recorder, Returned, Trace};

/// The result of playing an event log back.
#[derive(Clone, Debug, PartialEq)]
pub struct Retraced {
    /// How many calls went as before.
    pub calls: usize,
    /// The fuel that they used together.
    pub fuel: u64,
    /// The first call that went differently; `None` if all calls went as before.
    pub divergence: Option<Divergence>,
}

/// The first call that went differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The index of the call in the event log, from 0.
    pub event: usize,
    /// The function that was called.
    pub function: &'static str,
    /// What differs.
    pub difference: Difference,
}

/// What differs between a call in the event log and the same call now.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// The answer.
    Answer {
        /// The first place that differs, such as `play[2].id`.
        at: String,
        /// The value there in the event log, as JSON.
        before: String,
        /// The value there now, as JSON.
        now: String,
    },
    /// The call failed either before or now, or it failed with another error.
    Failure {
        /// The error in the event log, or "it answered".
        before: String,
        /// The error now, or "it answered".
        now: String,
    },
    /// The call made fewer look-ups: this many are missing.
    Looked(usize),
    /// Only the fuel differs.
    Fuel {
        /// The fuel in the event log.
        before: u64,
        /// The fuel now.
        now: u64,
    },
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}, {}: ", self.event, self.function)?;
        match &self.difference {
            Difference::Answer { at, before, now } => write!(f, "{at} was {before} and is {now}"),
            Difference::Failure { before, now } => write!(f, "before: {before}; now: {now}"),
            Difference::Looked(left) => write!(f, "{left} of its look-ups were not made"),
            Difference::Fuel { before, now } => {
                write!(f, "the same answer took {before} units of fuel and takes {now}")
            }
        }
    }
}

/// Plays an event log back into a fresh instance of this plugin, up to the first call that goes differently.
///
/// The plugin may be another build than the one that was recorded. The divergence then says where the two builds differ first.
///
/// # Errors
///
/// Returns [`Cause::WrongKind`] if the plugin does not have the log's kind, and [`Cause::Trace`] if the log's calls are in an order
/// in which no host makes them.
pub fn retrace(plugin: &Plugin, trace: &Trace) -> Result<Retraced, PluginError> {
    let mut player = Player::new(plugin, &trace.header)?;
    let mut done = Retraced { calls: 0, fuel: 0, divergence: None };
    for (number, event) in trace.events.iter().enumerate() {
        let (returned, left, fuel) = player.call(event)?;
        if let Some(difference) = difference(event, &returned, left, fuel) {
            done.divergence = Some(Divergence { event: number, function: event.call.function(), difference });
            break;
        }
        done.calls += 1;
        done.fuel = done.fuel.saturating_add(fuel);
    }
    Ok(done)
}

/// Compares a call with what it returned now, the number of look-ups it left out, and its fuel.
fn difference(before: &Event, now: &Returned, left: usize, fuel: u64) -> Option<Difference> {
    let text = |returned: &Returned| match returned {
        Returned::Answer(_) => "it answered".to_owned(),
        Returned::Error(cause) => cause.clone(),
    };
    match (&before.returned, now) {
        (Returned::Answer(before), Returned::Answer(now)) => {
            if let Some((at, before, now)) = first_difference("", before, now) {
                return Some(Difference::Answer { at, before, now });
            }
        }
        (before, now) if before != now => return Some(Difference::Failure { before: text(before), now: text(now) }),
        _ => {}
    }
    match left {
        0 if fuel == before.fuel => None,
        0 => Some(Difference::Fuel { before: before.fuel, now: fuel }),
        left => Some(Difference::Looked(left)),
    }
}

/// The first place where two values differ, and both values there.
fn first_difference(at: &str, before: &Value, now: &Value) -> Option<(String, String, String)> {
    match (before, now) {
        _ if before == now => None,
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().zip(b.values()).find_map(|((key, a), b)| {
                let dot = if at.is_empty() { "" } else { "." };
                first_difference(&format!("{at}{dot}{key}"), a, b)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(index, (a, b))| first_difference(&format!("{at}[{index}]"), a, b))
        }
        _ => {
            let at = if at.is_empty() { "the answer" } else { at };
            Some((at.into(), short(before), short(now)))
        }
    }
}

/// JSON of a value, cut off if it is long.
fn short(value: &Value) -> String {
    const MOST: usize = 120;
    let text = value.to_string();
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// An instance into which an event log is played back.
struct Player {
    instance: Instance,
    /// The fuel that instantiation used.
    instantiation: u64,
    functions: Functions,
    /// The open sessions by [`Call::session`].
    sessions: HashMap<u32, ResourceAny>,
}

/// The guest's functions for the log's kind.
enum Functions {
    Planner(planner::Guest),
    Scorer(scorer::Guest),
    Verifier(verifier::Guest),
    Tournament(tournament::Guest),
}

impl Player {
    fn new(plugin: &Plugin, header: &Header) -> Result<Self, PluginError> {
        let (loaded, kind) = (&plugin.loaded, header.kind);
        let mut instance = Instance::retracing(loaded, kind)?;
        let functions = match kind {
            Kind::Planner => {
                let indices = loaded.kind(kind, |exports| exports.planner.as_ref())?;
                Functions::Planner(instance.export("planning.start", |store, all| indices.load(store, all))?)
            }
            Kind::Scorer => {
                let indices = loaded.kind(kind, |exports| exports.scorer.as_ref())?;
                Functions::Scorer(instance.export("scoring.start", |store, all| indices.load(store, all))?)
            }
            Kind::Verifier => {
                let indices = loaded.kind(kind, |exports| exports.verifier.as_ref())?;
                Functions::Verifier(instance.export("judging.start", |store, all| indices.load(store, all))?)
            }
            Kind::Tournament => {
                let indices = loaded.kind(kind, |exports| exports.tournament.as_ref())?;
                Functions::Tournament(instance.export("tourney.start", |store, all| indices.load(store, all))?)
            }
        };
        instance.record_with(Recorder::new(loaded, kind));
        Ok(Self { instantiation: instance.fuel(), instance, functions, sessions: HashMap::new() })
    }

    /// Makes a call again. Returns what it returned, how many of its look-ups it left out, and its fuel.
    fn call(&mut self, event: &Event) -> Result<(Returned, usize, u64), PluginError> {
        if event.call == Call::Instantiation {
            return Ok((Returned::Answer(Value::Null), 0, self.instantiation));
        }
        self.instance.replay(&event.looked);
        let made = self.make(&event.call);
        let left = self.instance.replay(&[]);
        match (made, self.instance.last_event()) {
            (Ok(()), Some(last)) => Ok((last.returned, left, last.fuel)),
            _ => Err(self.instance.error("retrace", Cause::Trace(event.call.function()))),
        }
    }

    /// Makes a call again. What it returned, even an error, is the recorder's last event.
    fn make(&mut self, call: &Call) -> Result<(), OutOfOrder> {
        let Self { instance, functions, sessions, .. } = self;
        let (event, function) = (|| call.clone(), call.function());
        let started = match (&*functions, call) {
            (Functions::Planner(guest), Call::PlanningStart(brief)) => {
                instance.ask(event, function, |store| Ok(guest.planning().call_start(store, brief)?.map(Started)))
            }
            (Functions::Scorer(guest), Call::ScoringStart(brief)) => {
                instance.ask(event, function, |store| Ok(guest.scoring().call_start(store, brief)?.map(Started)))
            }
            (Functions::Verifier(guest), Call::JudgingStart(_, brief, contest)) => {
                instance
                    .ask(event, function, |store| Ok(guest.judging().call_start(store, brief, contest)?.map(Started)))
            }
            (Functions::Tournament(guest), Call::TourneyStart(brief, terms)) => {
                instance.ask(event, function, |store| Ok(guest.tourney().call_start(store, brief, terms)?.map(Started)))
            }
            _ => return self.make_in_session(call),
        };
        if let Ok(Started(session)) = started {
            sessions.insert(call.session(), session);
        }
        Ok(())
    }

    /// Makes a call to an open session.
    fn make_in_session(&mut self, call: &Call) -> Result<(), OutOfOrder> {
        let Self { instance, functions, sessions, .. } = self;
        let (event, function) = (|| call.clone(), call.function());
        let session = *sessions.get(&call.session()).ok_or(OutOfOrder)?;
        match (&*functions, call) {
            (Functions::Planner(guest), Call::PlanningTell(facts)) => {
                drop(instance.ask(event, function, |store| guest.planning().call_tell(store, session, facts)));
            }
            (Functions::Planner(guest), Call::PlanningNext) => {
                drop(instance.ask(event, function, |store| guest.planning().call_next(store, session)));
            }
            (Functions::Scorer(guest), Call::ScoringTell(facts)) => {
                drop(instance.ask(event, function, |store| guest.scoring().call_tell(store, session, facts)));
            }
            (Functions::Scorer(guest), Call::ScoringNext) => {
                drop(instance.ask(event, function, |store| guest.scoring().call_next(store, session)));
            }
            (Functions::Verifier(guest), Call::JudgingTell(_, facts)) => {
                drop(instance.ask(event, function, |store| guest.judging().call_tell(store, session, facts)));
            }
            (Functions::Verifier(guest), Call::JudgingNext(_)) => {
                drop(instance.ask(event, function, |store| guest.judging().call_next(store, session)));
            }
            (Functions::Verifier(_), Call::JudgingDrop(number)) => {
                sessions.remove(number);
                drop(instance.call(event, function, |store| session.resource_drop(store)));
            }
            (Functions::Tournament(guest), Call::TourneyTell(facts)) => {
                drop(instance.ask(event, function, |store| guest.tourney().call_tell(store, session, facts)));
            }
            (Functions::Tournament(guest), Call::TourneyNext) => {
                drop(instance.ask(event, function, |store| guest.tourney().call_next(store, session)));
            }
            (Functions::Tournament(guest), Call::TourneyRanking) => {
                drop(instance.ask(event, function, |store| guest.tourney().call_ranking(store, session)));
            }
            _ => return Err(OutOfOrder),
        }
        Ok(())
    }
}

/// No host makes this call at this point.
struct OutOfOrder;
