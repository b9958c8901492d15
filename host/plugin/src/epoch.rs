//! Advances the engine's epoch, in which wasmtime measures deadlines, as long as the engine exists.

use std::time::Duration;

use wasmtime::Engine;

/// The length of an epoch.
const TICK: Duration = Duration::from_millis(10);

/// Converts a deadline in seconds from now to epochs from now.
pub(crate) fn ticks(seconds: u64) -> u64 {
    // One more, because the current epoch may be nearly over.
    seconds.saturating_mul(1000) / TICK.as_millis() as u64 + 1
}

/// Starts a thread that advances the epoch of an engine until the engine is dropped.
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
