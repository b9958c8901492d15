//! What the host keeps for one instance: its limits, what it printed, its randomness, and the sample it may look at.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::{Error, ResourceLimiter, Result};

use crate::border::rescue::plugin::{chat, log, types};
use crate::error::printable;
use crate::limits::Limits;
use crate::sample::Sample;

/// The data of a store.
pub(crate) struct State {
    limits: Arc<Limits>,
    memory: usize,
    stderr: Vec<u8>,
    logged: usize,
    random: u64,
    pub(crate) log: Vec<LogLine>,
    /// The sample at hand; none while the manifest is read.
    pub(crate) sample: Option<Arc<Sample>>,
    /// The candidates that the running session was told of.
    pub(crate) told: BTreeSet<u32>,
}

/// A message that a plugin logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// "debug", "info", "warn" or "error".
    pub level: &'static str,
    /// The message, control characters removed.
    pub message: String,
}

/// A limit of the store that was hit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LimitHit {
    #[error("memory of {wanted} bytes")]
    Memory { wanted: usize },
    #[error("table of {wanted} elements")]
    Table { wanted: usize },
}

impl State {
    pub(crate) fn new(limits: Arc<Limits>, sample: Option<Arc<Sample>>) -> Self {
        Self {
            limits,
            memory: 0,
            stderr: Vec::new(),
            logged: 0,
            random: 0,
            log: Vec::new(),
            sample,
            told: BTreeSet::new(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Keeps what the plugin writes to its standard error, up to the limit.
    pub(crate) fn print(&mut self, bytes: &[u8]) {
        let room = self.limits.stderr_bytes.saturating_sub(self.stderr.len());
        self.stderr.extend(bytes.iter().take(room));
    }

    /// Takes what was printed so far.
    pub(crate) fn take_stderr(&mut self) -> String {
        printable(&String::from_utf8_lossy(&std::mem::take(&mut self.stderr)))
    }

    /// The next number of a constant stream (SplitMix64 from 0): what a guest's hash maps are seeded with.
    pub(crate) fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let wanted = self.memory.saturating_add(desired.saturating_sub(current));
        if wanted > self.limits.memory_bytes {
            return Err(Error::new(LimitHit::Memory { wanted }));
        }
        self.memory = wanted;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        if desired > self.limits.table_elements {
            return Err(Error::new(LimitHit::Table { wanted: desired }));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

impl types::Host for State {}
impl chat::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> Result<()> {
        let room = self.limits.stderr_bytes.saturating_sub(self.logged);
        if room == 0 {
            return Ok(());
        }
        let message: String = printable(&message).chars().take(room).collect();
        self.logged = self.logged.saturating_add(message.len().max(1));
        let level = match level {
            log::Level::Debug => "debug",
            log::Level::Info => "info",
            log::Level::Warn => "warn",
            log::Level::Error => "error",
        };
        self.log.push(LogLine { level, message });
        Ok(())
    }
}
