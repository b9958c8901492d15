//! Plays an event log back into a fresh instance: the same calls, told and shown the same. A plugin that keeps the contract gives
//! the same answers for the same fuel.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;
use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::{planner, scorer, tournament, verifier};
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::trace::{Call, Came, Event, Header, Recorder, Trace};

/// What came of playing an event log back.
#[derive(Clone, Debug, PartialEq)]
pub struct Retraced {
    /// Calls that went as before.
    pub calls: usize,
    /// The fuel that they took.
    pub fuel: u64,
    /// The first call that did not; none where all went as before.
    pub divergence: Option<Divergence>,
}

/// The first call that went another way.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// Its number in the event log, from 0.
    pub event: usize,
    /// The function that was called.
    pub function: &'static str,
    /// What differs.
    pub difference: Difference,
}

/// What differs.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// The answer, at a place in it such as `play[2].id`.
    Answer {
        /// The place.
        at: String,
        /// What stood there.
        before: String,
        /// What stands there now.
        now: String,
    },
    /// It failed, before or now, or failed otherwise.
    Failure {
        /// What the event log says.
        before: String,
        /// What came of it now.
        now: String,
    },
    /// It looked up less: so many look-ups were not made.
    Looked(usize),
    /// Only the fuel.
    Fuel {
        /// What the event log says.
        before: u64,
        /// What it took now.
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

/// Plays an event log back into a fresh instance of this plugin, up to the first call that goes another way.
///
/// The plugin may be another build of the one that left the log; then the divergence says where the two part.
///
/// # Errors
///
/// [`Cause::WrongKind`] where the plugin is not of the log's kind. [`Cause::Trace`] where the log's calls do not follow each other
/// as a host makes them.
pub fn retrace(plugin: &Plugin, trace: &Trace) -> Result<Retraced, PluginError> {
    let mut again = Again::new(plugin, &trace.header)?;
    let mut done = Retraced { calls: 0, fuel: 0, divergence: None };
    for (number, event) in trace.events.iter().enumerate() {
        let (came, left, fuel) = again.call(event)?;
        if let Some(difference) = difference(event, &came, left, fuel) {
            done.divergence = Some(Divergence { event: number, function: event.call.function(), difference });
            break;
        }
        done.calls += 1;
        done.fuel = done.fuel.saturating_add(fuel);
    }
    Ok(done)
}

fn difference(before: &Event, now: &Came, left: usize, fuel: u64) -> Option<Difference> {
    let said = |came: &Came| match came {
        Came::Answer(_) => "it answered".to_owned(),
        Came::Error(cause) => cause.clone(),
    };
    match (&before.came, now) {
        (Came::Answer(before), Came::Answer(now)) => {
            if let Some((at, before, now)) = first_difference("", before, now) {
                return Some(Difference::Answer { at, before, now });
            }
        }
        (before, now) if before != now => return Some(Difference::Failure { before: said(before), now: said(now) }),
        _ => {}
    }
    match left {
        0 if fuel == before.fuel => None,
        0 => Some(Difference::Fuel { before: before.fuel, now: fuel }),
        left => Some(Difference::Looked(left)),
    }
}

/// The first place where two values differ, and what stands there.
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

fn short(value: &Value) -> String {
    const MOST: usize = 120;
    let text = value.to_string();
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// An instance that is called as an event log says.
struct Again {
    instance: Instance,
    /// The fuel of instantiation.
    made: u64,
    functions: Functions,
    /// The sessions that have begun: judgings by their number, others by 0.
    sessions: HashMap<u32, ResourceAny>,
}

enum Functions {
    Planner(planner::Guest),
    Scorer(scorer::Guest),
    Verifier(verifier::Guest),
    Tournament(tournament::Guest),
}

impl Again {
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
        Ok(Self { made: instance.fuel(), instance, functions, sessions: HashMap::new() })
    }

    /// Makes a call again: what came of it, how many look-ups it left out, and its fuel.
    fn call(&mut self, event: &Event) -> Result<(Came, usize, u64), PluginError> {
        if event.call == Call::Instantiation {
            return Ok((Came::Answer(Value::Null), 0, self.made));
        }
        self.instance.hang(&event.looked);
        let made = self.make(&event.call);
        let left = self.instance.hang(&[]);
        match (made, self.instance.last_event()) {
            (Ok(()), Some(last)) => Ok((last.came, left, last.fuel)),
            _ => Err(self.instance.error("retrace", Cause::Trace(event.call.function()))),
        }
    }

    /// Makes a call again. What came of it, an error too, is in the record.
    fn make(&mut self, call: &Call) -> Result<(), Stray> {
        let Self { instance, functions, sessions, .. } = self;
        let (told, function) = (|| call.clone(), call.function());
        let started = match (&*functions, call) {
            (Functions::Planner(guest), Call::PlanningStart(brief)) => {
                instance.ask(told, function, |store| Ok(guest.planning().call_start(store, brief)?.map(Started)))
            }
            (Functions::Scorer(guest), Call::ScoringStart(brief)) => {
                instance.ask(told, function, |store| Ok(guest.scoring().call_start(store, brief)?.map(Started)))
            }
            (Functions::Verifier(guest), Call::JudgingStart(_, brief, contest)) => {
                instance
                    .ask(told, function, |store| Ok(guest.judging().call_start(store, brief, contest)?.map(Started)))
            }
            (Functions::Tournament(guest), Call::TourneyStart(brief, terms)) => {
                instance.ask(told, function, |store| Ok(guest.tourney().call_start(store, brief, terms)?.map(Started)))
            }
            _ => return self.go_on(call),
        };
        if let Ok(Started(session)) = started {
            sessions.insert(call.session(), session);
        }
        Ok(())
    }

    /// Makes a call of a session that has begun.
    fn go_on(&mut self, call: &Call) -> Result<(), Stray> {
        let Self { instance, functions, sessions, .. } = self;
        let (told, function) = (|| call.clone(), call.function());
        let session = *sessions.get(&call.session()).ok_or(Stray)?;
        match (&*functions, call) {
            (Functions::Planner(guest), Call::PlanningTell(facts)) => {
                drop(instance.ask(told, function, |store| guest.planning().call_tell(store, session, facts)));
            }
            (Functions::Planner(guest), Call::PlanningNext) => {
                drop(instance.ask(told, function, |store| guest.planning().call_next(store, session)));
            }
            (Functions::Scorer(guest), Call::ScoringTell(facts)) => {
                drop(instance.ask(told, function, |store| guest.scoring().call_tell(store, session, facts)));
            }
            (Functions::Scorer(guest), Call::ScoringNext) => {
                drop(instance.ask(told, function, |store| guest.scoring().call_next(store, session)));
            }
            (Functions::Verifier(guest), Call::JudgingTell(_, facts)) => {
                drop(instance.ask(told, function, |store| guest.judging().call_tell(store, session, facts)));
            }
            (Functions::Verifier(guest), Call::JudgingNext(_)) => {
                drop(instance.ask(told, function, |store| guest.judging().call_next(store, session)));
            }
            (Functions::Verifier(_), Call::JudgingDrop(number)) => {
                sessions.remove(number);
                drop(instance.call(told, function, |store| session.resource_drop(store)));
            }
            (Functions::Tournament(guest), Call::TourneyTell(facts)) => {
                drop(instance.ask(told, function, |store| guest.tourney().call_tell(store, session, facts)));
            }
            (Functions::Tournament(guest), Call::TourneyNext) => {
                drop(instance.ask(told, function, |store| guest.tourney().call_next(store, session)));
            }
            (Functions::Tournament(guest), Call::TourneyRanking) => {
                drop(instance.ask(told, function, |store| guest.tourney().call_ranking(store, session)));
            }
            _ => return Err(Stray),
        }
        Ok(())
    }
}

/// A call that a host does not make there.
struct Stray;
