//! Where the time of a run went: `timings.json`. It varies from run to run, and is kept apart from the result for that.

use std::collections::BTreeMap;
use std::time::Instant;

use rescue_plugin::Kind;
use serde::Serialize;

/// Seconds by stage, and the plugins' work.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Timings {
    /// Wall-clock seconds of each stage.
    pub seconds: BTreeMap<String, f64>,
    /// Fuel used by each plugin, in units of wasmtime's: about one an instruction. The same in every run.
    pub fuel: BTreeMap<Kind, u64>,
}

impl Timings {
    /// Adds the time since `start` to a stage.
    pub fn add(&mut self, stage: &str, start: Instant) {
        self.add_seconds(stage, start.elapsed().as_secs_f64());
    }

    pub(crate) fn add_seconds(&mut self, stage: &str, seconds: f64) {
        *self.seconds.entry(stage.into()).or_default() += seconds;
    }

    pub(crate) fn fuel(&mut self, kind: Kind, fuel: u64) {
        *self.fuel.entry(kind).or_default() += fuel;
    }
}
