//! The clock of deadlines: a number that moves on while the engine lives.

use std::time::Duration;

use wasmtime::Engine;

/// How often it moves on.
const TICK: Duration = Duration::from_millis(10);

/// A deadline of this many seconds, in ticks from now.
pub(crate) fn ticks(seconds: u64) -> u64 {
    // The tick under way may be nearly over.
    seconds.saturating_mul(1000) / TICK.as_millis() as u64 + 1
}

/// Starts the clock of an engine.
pub(crate) fn start(engine: &Engine) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
