//! One instance of a plugin in a store of its own. Each call gets its fuel, deadline and limits. After an error the instance is
//! never called again.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use wasmtime::component::{Instance as Component, ResourceAny};
use wasmtime::{Error, Store, Trap, WasmBacktrace};

use crate::border::rescue::plugin::types::Fault;
use crate::epoch;
use crate::error::{Cause, PluginError, printable};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::rules::IdSet;
use crate::sample::Sample;
use crate::state::{LimitHit, LogLine, State};
use crate::trace::{Call, Event, Looked, Recorder, Replay, Unexpected};
use crate::wasi::{Exit, Forbidden};

/// The most frames of a plugin's backtrace that an error shows.
const FRAMES: usize = 12;
/// The most characters of a frame's name that an error shows.
const NAME: usize = 200;

/// An instance, the fuel it has used, and its event log.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
    pub(crate) component: Component,
    loaded: Arc<Loaded>,
    /// `None` while the manifest is read.
    kind: Option<Kind>,
    /// Fuel used by instantiation and all calls so far.
    fuel: u64,
    /// `None` if no event log is kept.
    recorder: Option<Recorder>,
    /// Whether a call failed.
    dead: bool,
}

/// A session's resource. An event log has `null` for it.
#[derive(Clone, Copy)]
pub(crate) struct Started(pub(crate) ResourceAny);

impl Serialize for Started {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl Instance {
    /// Creates an instance. It keeps an event log if the sample does.
    pub(crate) fn new(
        loaded: &Arc<Loaded>,
        kind: Option<Kind>,
        sample: Option<Arc<Sample>>,
    ) -> Result<Self, PluginError> {
        let recorder = match (kind, &sample) {
            (Some(kind), Some(sample)) if sample.traces().is_some() => Some(Recorder::new(loaded, kind)),
            _ => None,
        };
        Self::with_state(loaded, kind, State::new(loaded.limits.clone(), sample), recorder)
    }

    /// Creates an instance to play an event log back into. It has no sample.
    pub(crate) fn retracing(loaded: &Arc<Loaded>, kind: Kind) -> Result<Self, PluginError> {
        Self::with_state(loaded, Some(kind), State::new(loaded.limits.clone(), None), None)
    }

    fn with_state(
        loaded: &Arc<Loaded>,
        kind: Option<Kind>,
        state: State,
        mut recorder: Option<Recorder>,
    ) -> Result<Self, PluginError> {
        let mut store = Store::new(loaded.pre.engine(), state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(loaded.limits.answer_bytes);
        let granted = grant(&loaded.limits, 0);
        let made = refuel(&mut store, &loaded.limits, granted).and_then(|()| loaded.pre.instantiate(&mut store));
        let fuel = granted.saturating_sub(store.get_fuel().unwrap_or(0));
        match made {
            Ok(component) => {
                if let Some(recorder) = &mut recorder {
                    recorder.answer(Call::Instantiation, Vec::new(), &(), fuel);
                }
                Ok(Self { store, component, loaded: loaded.clone(), kind, fuel, recorder, dead: false })
            }
            Err(error) => Err(failed(loaded, kind, "instantiation", &mut store, granted, error)),
        }
    }

    /// Finds the guest's functions for a kind with `load`, which also checks their types.
    pub(crate) fn export<T>(
        &mut self,
        function: &'static str,
        load: impl FnOnce(&mut Store<State>, &Component) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        let component = self.component;
        self.metered(function, |store| load(store, &component)).0
    }

    /// Calls a function of the guest. `event` is the call for the event log.
    pub(crate) fn call<T: Serialize>(
        &mut self,
        event: impl FnOnce() -> Call,
        function: &'static str,
        call: impl FnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        let (result, used) = self.metered(function, call);
        self.record(event, &result, used);
        result
    }

    /// The same as [`Self::call`], for a function that may return a fault.
    pub(crate) fn ask<T: Serialize>(
        &mut self,
        event: impl FnOnce() -> Call,
        function: &'static str,
        call: impl FnOnce(&mut Store<State>) -> wasmtime::Result<Result<T, Fault>>,
    ) -> Result<T, PluginError> {
        let (answer, used) = self.metered(function, call);
        let result = answer.and_then(|answer| answer.map_err(|fault| self.error(function, fault.into())));
        self.record(event, &result, used);
        result
    }

    /// The same as [`Self::call`], but not recorded in the event log. Also returns the fuel used.
    pub(crate) fn metered<T>(
        &mut self,
        function: &'static str,
        call: impl FnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    ) -> (Result<T, PluginError>, u64) {
        if self.dead {
            let cause = Cause::Host("the plugin failed before, and is not called again".into());
            return (Err(self.error(function, cause)), 0);
        }
        let granted = grant(&self.loaded.limits, self.fuel);
        let result = refuel(&mut self.store, &self.loaded.limits, granted).and_then(|()| call(&mut self.store));
        let used = granted.saturating_sub(self.store.get_fuel().unwrap_or(0));
        self.fuel = self.fuel.saturating_add(used);
        self.dead = result.is_err();
        let result = result.map_err(|error| failed(&self.loaded, self.kind, function, &mut self.store, granted, error));
        (result, used)
    }

    fn record<T: Serialize>(&mut self, event: impl FnOnce() -> Call, result: &Result<T, PluginError>, used: u64) {
        let Some(recorder) = &mut self.recorder else { return };
        let looked = self.store.data_mut().looked.as_mut().map(std::mem::take).unwrap_or_default();
        match result {
            Ok(answer) => recorder.answer(event(), looked, answer, used),
            Err(error) => recorder.error(event(), looked, &error.cause, used),
        }
    }

    /// An error of the plugin, after which the instance is not called again.
    pub(crate) fn error(&mut self, function: &'static str, cause: Cause) -> PluginError {
        self.dead = true;
        let stderr = self.store.data_mut().take_stderr();
        self.loaded.error(self.kind, function, cause).with_evidence(stderr, Vec::new())
    }

    /// An error for a mistake of the host. The plugin has done nothing wrong, so the instance stays usable.
    pub(crate) fn host_error(&self, function: &'static str, why: &str) -> PluginError {
        self.loaded.error(self.kind, function, Cause::Host(why.into()))
    }

    /// The limits of the plugin.
    pub(crate) fn limits(&self) -> &Arc<Limits> {
        &self.loaded.limits
    }

    /// Sets the candidates that may be looked up from now on.
    pub(crate) fn show_only(&mut self, ids: &Arc<IdSet>) {
        self.store.data_mut().visible = ids.clone();
    }

    /// Takes the lines that the plugin has logged since the last call of this function.
    pub(crate) fn take_log(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.store.data_mut().log)
    }

    /// Keeps an event log with this recorder from now on.
    pub(crate) fn record_with(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Removes the last call from the event log and returns it.
    pub(crate) fn last_event(&mut self) -> Option<Event> {
        self.recorder.as_mut().and_then(Recorder::pop)
    }

    /// Fuel used by instantiation and all calls so far.
    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Sets the recorded look-ups that the next call of a retraced session is shown. Returns how many of the previous ones were
    /// not made.
    pub(crate) fn replay(&mut self, looked: &[Looked]) -> usize {
        let replay = Replay(looked.iter().cloned().collect());
        self.store.data_mut().replay.replace(replay).map_or(0, |before| before.0.len())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let traces = self.store.data().sample.as_ref().and_then(|sample| sample.traces());
        if let (Some(traces), Some(recorder)) = (traces, self.recorder.take()) {
            traces.keep(recorder.trace());
        }
    }
}

/// The fuel that the next call may use, if all calls so far have used `used`.
fn grant(limits: &Limits, used: u64) -> u64 {
    limits.fuel_per_call.min(limits.fuel_per_instance.saturating_sub(used))
}

/// Prepares the store for a call: resets the counters of one call, and sets the deadline and the fuel. Both must be set for
/// instantiation too: a new store has no fuel, and traps at once if it has no deadline.
fn refuel(store: &mut Store<State>, limits: &Limits, granted: u64) -> wasmtime::Result<()> {
    store.data_mut().begin_call();
    store.set_epoch_deadline(epoch::ticks(limits.seconds_per_call));
    store.set_fuel(granted)
}

/// The error for a call that failed with `error`, with what the plugin printed and its backtrace.
fn failed(
    loaded: &Loaded,
    kind: Option<Kind>,
    function: &'static str,
    store: &mut Store<State>,
    granted: u64,
    error: Error,
) -> PluginError {
    let state = store.data_mut();
    let mut stderr = state.take_stderr();
    if stderr.is_empty() {
        // The SDK's panic hook writes to the log instead.
        let logged = state.log.iter().filter(|line| line.level == "error").map(|line| line.message.as_str());
        stderr = logged.collect::<Vec<_>>().join("\n");
    }
    let backtrace = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    let cause = cause(error, &loaded.limits, granted);
    loaded.error(kind, function, cause).with_evidence(stderr, backtrace)
}

/// The functions of a backtrace, innermost first.
fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let names = backtrace.frames().iter().map(|frame| match frame.func_name() {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    });
    let names = names.filter(|name| !is_panic_machinery(name)).take(FRAMES);
    names.map(|name| printable(&name.chars().take(NAME).collect::<String>())).collect()
}

/// Whether a frame belongs to the machinery of panics, and so does not show where the panic came from.
fn is_panic_machinery(name: &str) -> bool {
    ["abort", "__rust", "rust_panic", "rust_begin_unwind", "core::panicking", "std::panicking", "std::sys"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Why a call failed, found from wasmtime's error. `granted` is the fuel that the call could use.
fn cause(error: Error, limits: &Limits, granted: u64) -> Cause {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return match trap {
            Trap::OutOfFuel if granted < limits.fuel_per_call => Cause::FuelInAll(limits.fuel_per_instance),
            Trap::OutOfFuel => Cause::Fuel(limits.fuel_per_call),
            Trap::Interrupt => Cause::Time(limits.seconds_per_call),
            Trap::StackOverflow => Cause::Stack(limits.stack_bytes),
            Trap::UnreachableCodeReached => Cause::Panic,
            Trap::MemoryOutOfBounds => Cause::OutOfBounds,
            trap => Cause::Trap(trap.to_string()),
        };
    }
    match error.downcast_ref::<LimitHit>() {
        Some(&LimitHit::Memory { wanted }) => return Cause::Memory { wanted, limit: limits.memory_bytes },
        Some(&LimitHit::Table { wanted }) => return Cause::Table { wanted, limit: limits.table_elements },
        Some(&LimitHit::Copied(most)) => return Cause::Copied(most),
        Some(&LimitHit::CopiedInAll(most)) => return Cause::CopiedInAll(most),
        None => {}
    }
    let error = match error.downcast::<Unexpected>() {
        Ok(unexpected) => return Cause::Unexpected(Box::new(unexpected)),
        Err(error) => error,
    };
    if error.is::<Exit>() {
        return Cause::Exit;
    }
    if let Some(Forbidden(called)) = error.downcast_ref::<Forbidden>() {
        return Cause::Forbidden(called.clone());
    }
    if error.root_cause().is::<std::str::Utf8Error>() {
        return Cause::Utf8;
    }
    let root = error.root_cause().to_string();
    if root.contains("fuel allocated for hostcalls") { Cause::Answer(limits.answer_bytes) } else { Cause::Trap(root) }
}
