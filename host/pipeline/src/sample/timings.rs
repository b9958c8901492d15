//! Where the time of a run went: `timings.json`. It varies from run to run, so it is kept apart from the result.

use std::collections::BTreeMap;
use std::time::Instant;

use rescue_plugin::Kind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::exchange::Accounts;

/// Seconds by stage, the plugins' fuel, what was spent at each service, and memory.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub struct Timings {
    /// Wall-clock seconds. `plan`, `segment`, `score` and `rank` are the times from the beginning of the search to the end of these stages,
    /// which overlap. `live` and `canonical` are the durations of the two passes: the stages are those of the live pass, or of the canonical
    /// one if that alone came to their end. `load` is the time to open the run, and `total` everything but the time to read the photo and to
    /// write the result.
    pub seconds: BTreeMap<String, f64>,
    /// The answers on which the result rests that the ledger had: from earlier runs, other samples, or before the search began anew.
    pub known: usize,
    /// The answers on which the result rests that the services gave in this search.
    pub new: usize,
    /// What the live pass did. `None` if there was none.
    pub live: Option<LivePass>,
    /// Fuel used by each plugin, in wasmtime's units: about one for each instruction. The same in every run.
    #[schemars(with = "BTreeMap<String, u64>")]
    pub fuel: BTreeMap<Kind, u64>,
    /// What was spent at each service. Empty for one of several samples: it is known for all of them together.
    #[serde(skip_serializing_if = "Accounts::is_empty")]
    pub accounts: Accounts,
    /// The peak memory of the process so far, in bytes. `None` if the machine does not tell; Linux does.
    pub peak_memory_bytes: Option<u64>,
}

/// Where the time of a run over several samples went: its `timings.json`.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RunTimings {
    /// Wall-clock seconds of the last call of the program.
    pub seconds: f64,
    /// What was spent at each service in that call.
    pub accounts: Accounts,
}

/// What the live pass did: it asks early what the canonical pass, which gives the result, needs.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub struct LivePass {
    /// The questions that it asked.
    pub asked: usize,
    /// The matches that it guessed to be wanted later, and of which it asked the questions on idle slots.
    pub guesses: usize,
    /// The questions of the canonical pass that it had not asked.
    pub missed: usize,
    /// Why it ended early. `None` if it came to a ranking.
    pub ended: Option<String>,
}

impl Timings {
    /// Notes the end of a stage of a search that began at `start`.
    pub(crate) fn mark(&mut self, stage: &str, start: Instant) {
        self.seconds.insert(stage.into(), start.elapsed().as_secs_f64());
    }

    /// Adds the time since `start` to a stage.
    pub fn add(&mut self, stage: &str, start: Instant) {
        self.add_seconds(stage, start.elapsed().as_secs_f64());
    }

    /// Notes the peak memory of the process so far.
    pub fn note_memory(&mut self) {
        let status = std::fs::read_to_string("/proc/self/status").ok();
        let line = status.as_deref().and_then(|status| status.lines().find_map(|line| line.strip_prefix("VmHWM:")));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        self.peak_memory_bytes = kib.map(|kib| kib * 1024);
    }

    pub(crate) fn add_seconds(&mut self, stage: &str, seconds: f64) {
        *self.seconds.entry(stage.into()).or_default() += seconds;
    }

    /// Adds the stages and the fuel of a part of the search.
    pub(crate) fn extend(&mut self, part: &Self) {
        self.seconds.extend(part.seconds.iter().map(|(stage, seconds)| (stage.clone(), *seconds)));
        part.fuel.iter().for_each(|(kind, fuel)| self.fuel(*kind, *fuel));
    }

    pub(crate) fn fuel(&mut self, kind: Kind, fuel: u64) {
        *self.fuel.entry(kind).or_default() += fuel;
    }
}
