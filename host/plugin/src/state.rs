//! The data of one instance's store: its limits, what it printed, its random numbers, and the sample that it may look at.

use std::sync::Arc;

use wasmtime::{Error, ResourceLimiter, Result};

use crate::border::rescue::plugin::{chat, log, types};
use crate::error::printable;
use crate::limits::Limits;
use crate::rules::IdSet;
use crate::sample::Sample;
use crate::trace::{Looked, Replay};

/// The data of a store.
pub(crate) struct State {
    limits: Arc<Limits>,
    /// Bytes of all linear memories together.
    memory: usize,
    copied_in_call: u64,
    /// Copied in all calls, in bytes.
    copied: u64,
    stderr: Vec<u8>,
    /// Bytes logged so far.
    logged: usize,
    /// The state of the random number generator.
    random: u64,
    pub(crate) log: Vec<LogLine>,
    /// The sample; `None` while the manifest is read, and if a session is retraced.
    pub(crate) sample: Option<Arc<Sample>>,
    /// The candidates that the running session may look up.
    pub(crate) visible: Arc<IdSet>,
    /// What the running call has looked up so far; `None` if no event log is kept.
    pub(crate) looked: Option<Vec<Looked>>,
    /// The recorded look-ups that take the place of the sample if a session is retraced; otherwise `None`.
    pub(crate) replay: Option<Replay>,
}

/// A message that a plugin logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// "debug", "info", "warn" or "error".
    pub level: &'static str,
    /// The message. Control characters are replaced by U+FFFD.
    pub message: String,
}

/// A limit of the store that was hit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LimitHit {
    #[error("memory of {wanted} bytes")]
    Memory { wanted: usize },
    #[error("table of {wanted} elements")]
    Table { wanted: usize },
    #[error("look-ups, log and prints of more than {0} bytes")]
    Copied(u64),
    #[error("look-ups, log and prints of more than {0} bytes in all")]
    CopiedInAll(u64),
}

impl State {
    pub(crate) fn new(limits: Arc<Limits>, sample: Option<Arc<Sample>>) -> Self {
        let looked = sample.as_ref().and_then(|sample| sample.traces()).map(|_| Vec::new());
        Self {
            limits,
            memory: 0,
            copied_in_call: 0,
            copied: 0,
            stderr: Vec::new(),
            logged: 0,
            random: 0,
            log: Vec::new(),
            sample,
            visible: Arc::default(),
            looked,
            replay: None,
        }
    }

    /// Resets what is counted per call.
    pub(crate) fn begin_call(&mut self) {
        self.copied_in_call = 0;
    }

    /// Counts bytes that the host copies for the guest, since fuel does not count the host's own work. Fails if they exceed the
    /// limit of one call or of all calls.
    pub(crate) fn count_copied(&mut self, bytes: usize) -> Result<()> {
        /// Every call of the host counts as this many bytes.
        const PER_CALL: u64 = 64;
        let more = PER_CALL.saturating_add(bytes as u64);
        self.copied_in_call = self.copied_in_call.saturating_add(more);
        self.copied = self.copied.saturating_add(more);
        let (call, all) = (self.limits.copied_per_call, self.limits.copied_per_instance);
        if self.copied_in_call > call {
            return Err(Error::new(LimitHit::Copied(call)));
        }
        if self.copied > all { Err(Error::new(LimitHit::CopiedInAll(all))) } else { Ok(()) }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Keeps what the plugin writes to its standard error, up to the limit.
    pub(crate) fn print(&mut self, bytes: &[u8]) {
        let room = self.limits.stderr_bytes.saturating_sub(self.stderr.len());
        self.stderr.extend(bytes.iter().take(room));
    }

    /// Takes what was printed since this was last called.
    pub(crate) fn take_stderr(&mut self) -> String {
        printable(&String::from_utf8_lossy(&std::mem::take(&mut self.stderr)))
    }

    /// The next number of a constant stream (SplitMix64 with seed 0). A guest's standard library seeds its hash maps with it.
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
        self.count_copied(message.len())?;
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
