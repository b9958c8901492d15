//! What the sessions of all kinds share: telling facts, and asking for steps until one is empty or the last.

use serde::Serialize;
use wasmtime::Store;

use crate::border::rescue::plugin::types::Fault;
use crate::error::{Cause, PluginError};
use crate::instance::Instance;
use crate::rules::{Next, Violation};
use crate::state::State;
use crate::trace::Call;

/// What a guest function returns: a value, or a fault that the plugin reports. The outer error is a trap.
type Answer<T> = wasmtime::Result<Result<T, Fault>>;

impl Instance {
    /// Returns [`Cause::Host`] if the session is over. That is a mistake of the host, so the instance stays usable.
    pub(crate) fn ensure_open(&self, over: bool, function: &'static str) -> Result<(), PluginError> {
        if over {
            Err(self.host_error(function, "the session is over: nothing is told or asked after its end"))
        } else {
            Ok(())
        }
    }

    /// Tells facts to a session, or does nothing if there are none. `event` is the call for the event log.
    pub(crate) fn tell<F: Clone>(
        &mut self,
        facts: &[F],
        event: impl Fn(Vec<F>) -> Call,
        call: impl FnOnce(&mut Store<State>) -> Answer<()>,
    ) -> Result<(), PluginError> {
        if facts.is_empty() {
            return Ok(());
        }
        let function = event(Vec::new()).function();
        self.ask(|| event(facts.to_vec()), function, call)
    }

    /// Asks a session for steps until one is empty or the last. `check` holds each step against the rules and keeps what it
    /// plans. Returns what follows the last step: [`Next::Wait`] or [`Next::Over`].
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule.
    pub(crate) fn steps<S: Serialize>(
        &mut self,
        event: impl Fn() -> Call,
        call: impl Fn(&mut Store<State>) -> Answer<S>,
        mut check: impl FnMut(S) -> Result<Next, Violation>,
    ) -> Result<Next, PluginError> {
        let function = event().function();
        loop {
            let step = self.ask(&event, function, &call)?;
            match check(step) {
                Ok(Next::More) => {}
                Ok(last) => return Ok(last),
                Err(violation) => return Err(self.error(function, Cause::Violation(violation))),
            }
        }
    }
}
