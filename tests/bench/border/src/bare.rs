//! The contender "bare": the component on plain wasmtime, with typed calls, but without checks or limits. It uses the
//! host's own bindings of the border, which work with any store.

use std::path::Path;

use rescue_plugin::Limits;
use rescue_plugin::border::exports::rescue::plugin::tournament::{Fact, Guest, GuestIndices, Match, Ranking};
use rescue_plugin::border::rescue::plugin::types::{Brief, Fault};
use wasmtime::component::{Component, Instance, InstancePre, Linker, ResourceAny};
use wasmtime::{Config, Engine, Error, Result, Store, format_err};

use crate::contender::{Contender, Plan};
use crate::facts;

/// An amount of fuel or of epoch ticks that is never used up.
const PLENTY: u64 = 1 << 40;

/// What compiled code measures and guards.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Metering {
    /// Nothing.
    Off,
    /// What the host's engine does: fuel, epochs, and canonical NaNs.
    On,
}

/// An engine with the tournament compiled.
pub struct Bare {
    engine: Engine,
    pre: InstancePre<()>,
    indices: GuestIndices,
    metering: Metering,
}

impl Bare {
    /// Compiles the tournament.
    pub fn new(wasm: &Path, metering: Metering) -> Result<Self> {
        let engine = Engine::new(&config(metering))?;
        let component = Component::from_file(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        // The pyramid calls its imports only if something is wrong.
        linker.define_unknown_imports_as_traps(&component)?;
        let pre = linker.instantiate_pre(&component)?;
        let indices = GuestIndices::new(&pre)?;
        Ok(Self { engine, pre, indices, metering })
    }

    /// A store with a fresh instance.
    pub fn instantiate(&self) -> Result<(Store<()>, Instance)> {
        let mut store = Store::new(&self.engine, ());
        if self.metering == Metering::On {
            store.set_fuel(PLENTY)?;
            store.set_epoch_deadline(PLENTY);
        }
        let instance = self.pre.instantiate(&mut store)?;
        Ok((store, instance))
    }

    /// Begins a session.
    pub fn start(&self, brief: &Brief) -> Result<Session> {
        let (mut store, instance) = self.instantiate()?;
        let guest = self.indices.load(&mut store, &instance)?;
        let resource = guest.tourney().call_start(&mut store, brief, &facts::terms())?.map_err(fault)?;
        Ok(Session { store, guest, resource })
    }
}

/// The configuration of the host's `plugin/src/engine.rs`, with or without metering.
fn config(metering: Metering) -> Config {
    let (on, limits) = (metering == Metering::On, Limits::default());
    let mut config = Config::new();
    config
        .consume_fuel(on)
        .epoch_interruption(on)
        .concurrency_support(false)
        .cranelift_nan_canonicalization(on)
        .max_wasm_stack(limits.stack_bytes)
        .wasm_relaxed_simd(false)
        .wasm_threads(false)
        .shared_memory(false)
        .wasm_memory64(false)
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false);
    config
}

/// A session of a bare instance.
pub struct Session {
    store: Store<()>,
    guest: Guest,
    resource: ResourceAny,
}

impl Contender for Session {
    type Fact = Fact;
    type Match = Match;
    type Ranking = Ranking;

    fn fact(fact: &Fact) -> Fact {
        fact.clone()
    }

    fn tell(&mut self, facts: Vec<Fact>) -> Result<()> {
        self.guest.tourney().call_tell(&mut self.store, self.resource, &facts)?.map_err(fault)
    }

    fn plan(&mut self, _: bool) -> Result<Plan<Match>> {
        let (mut play, mut nexts) = (Vec::new(), 0);
        loop {
            let step = self.guest.tourney().call_next(&mut self.store, self.resource)?.map_err(fault)?;
            let empty = step.play.is_empty();
            play.extend(step.play);
            nexts += 1;
            if empty || step.done {
                return Ok(Plan { play, done: step.done, nexts });
            }
        }
    }

    fn ranking(&mut self) -> Result<Ranking> {
        self.guest.tourney().call_ranking(&mut self.store, self.resource)?.map_err(fault)
    }

    fn lineup(wanted: &Match) -> (u32, &[u32]) {
        (wanted.id, &wanted.lineup.contestants)
    }

    fn places(ranking: &Ranking) -> Vec<(u32, f64)> {
        ranking.places.iter().map(|place| (place.id, place.score)).collect()
    }
}

fn fault(fault: Fault) -> Error {
    format_err!("the tournament answered with a fault: {}", fault.message)
}
