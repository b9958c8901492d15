//! One instance of a plugin in a store of its own, metered call by call. After an error it is dead.

use std::sync::Arc;

use wasmtime::component::Instance as Component;
use wasmtime::{Error, Store, Trap, WasmBacktrace};

use crate::border::rescue::plugin::types::Fault;
use crate::epoch;
use crate::error::{Cause, PluginError};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::sample::Sample;
use crate::state::{LimitHit, LogLine, State};
use crate::wasi::{Exit, Forbidden};

/// Frames shown of a plugin's backtrace.
const FRAMES: usize = 12;

/// An instance and what it has used.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
    pub(crate) component: Component,
    loaded: Arc<Loaded>,
    kind: Option<Kind>,
    fuel: u64,
}

impl Instance {
    /// A fresh instance.
    pub(crate) fn new(
        loaded: &Arc<Loaded>,
        kind: Option<Kind>,
        sample: Option<Arc<Sample>>,
    ) -> Result<Self, PluginError> {
        let limits = loaded.limits.clone();
        let mut store = Store::new(loaded.pre.engine(), State::new(limits.clone(), sample));
        store.limiter(|state| state);
        store.set_hostcall_fuel(limits.answer_bytes);
        let made = refuel(&mut store, &limits).and_then(|()| loaded.pre.instantiate(&mut store));
        match made {
            Ok(component) => Ok(Self { store, component, loaded: loaded.clone(), kind, fuel: 0 }),
            Err(error) => Err(failed(loaded, kind, "instantiation", &mut store, error)),
        }
    }

    /// Calls a function of the guest.
    pub(crate) fn call<T>(
        &mut self,
        function: &'static str,
        call: impl FnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        let result = refuel(&mut self.store, &self.loaded.limits).and_then(|()| call(&mut self.store));
        let left = self.store.get_fuel().unwrap_or(0);
        self.fuel = self.fuel.saturating_add(self.loaded.limits.fuel_per_call.saturating_sub(left));
        result.map_err(|error| failed(&self.loaded, self.kind, function, &mut self.store, error))
    }

    /// As `call`, for a function that may answer with a fault.
    pub(crate) fn ask<T>(
        &mut self,
        function: &'static str,
        call: impl FnOnce(&mut Store<State>) -> wasmtime::Result<Result<T, Fault>>,
    ) -> Result<T, PluginError> {
        let answer = self.call(function, call)?;
        answer.map_err(|fault| self.error(function, fault.into()))
    }

    /// An error of this instance.
    pub(crate) fn error(&mut self, function: &'static str, cause: Cause) -> PluginError {
        let stderr = self.store.data_mut().take_stderr();
        self.loaded.error(self.kind, function, cause).with_evidence(stderr, Vec::new())
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.loaded.limits
    }

    /// The session may look this candidate up from now on.
    pub(crate) fn told_of(&mut self, id: u32) {
        self.store.data_mut().told.insert(id);
    }

    /// What the plugin logged since the last call of this.
    pub(crate) fn take_log(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.store.data_mut().log)
    }

    /// Fuel used by all calls so far.
    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }
}

/// Both start at 0, and instantiation counts too.
fn refuel(store: &mut Store<State>, limits: &Limits) -> wasmtime::Result<()> {
    store.set_epoch_deadline(epoch::ticks(limits.seconds_per_call));
    store.set_fuel(limits.fuel_per_call)
}

fn failed(
    loaded: &Loaded,
    kind: Option<Kind>,
    function: &'static str,
    store: &mut Store<State>,
    error: Error,
) -> PluginError {
    let state = store.data_mut();
    let mut stderr = state.take_stderr();
    if stderr.is_empty() {
        // The SDK's panic hook writes to the log.
        let logged = state.log.iter().filter(|line| line.level == "error").map(|line| line.message.as_str());
        stderr = logged.collect::<Vec<_>>().join("\n");
    }
    let backtrace = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    let cause = cause(&error, &loaded.limits);
    loaded.error(kind, function, cause).with_evidence(stderr, backtrace)
}

fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let names = backtrace.frames().iter().map(|frame| match frame.func_name() {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    });
    names.filter(|name| !is_plumbing(name)).take(FRAMES).collect()
}

/// Frames that say how a panic ends, not where it came from.
fn is_plumbing(name: &str) -> bool {
    ["abort", "__rust", "rust_panic", "rust_begin_unwind", "core::panicking", "std::panicking", "std::sys"]
        .iter()
        .any(|start| name.starts_with(start))
}

fn cause(error: &Error, limits: &Limits) -> Cause {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return match trap {
            Trap::OutOfFuel => Cause::Fuel(limits.fuel_per_call),
            Trap::Interrupt => Cause::Time(limits.seconds_per_call),
            Trap::StackOverflow => Cause::Stack(limits.stack_bytes),
            Trap::UnreachableCodeReached => Cause::Panic,
            trap => Cause::Trap(trap.to_string()),
        };
    }
    match error.downcast_ref::<LimitHit>() {
        Some(&LimitHit::Memory { wanted }) => return Cause::Memory { wanted, limit: limits.memory_bytes },
        Some(&LimitHit::Table { wanted }) => return Cause::Table { wanted, limit: limits.table_elements },
        None => {}
    }
    if error.is::<Exit>() {
        return Cause::Exit;
    }
    if let Some(Forbidden(called)) = error.downcast_ref::<Forbidden>() {
        return Cause::Forbidden(called.clone());
    }
    let root = error.root_cause().to_string();
    if root.contains("fuel allocated for hostcalls") { Cause::Answer(limits.answer_bytes) } else { Cause::Trap(root) }
}
