//! The pack that an open ledger writes to, with the thread that syncs it.

use std::path::Path;

use crate::Key;
use crate::error::LedgerError;
use crate::flusher::Flusher;
use crate::format::Frame;
use crate::new_pack::NewPack;
use crate::pack::Pack;

/// The pack that an open ledger writes to. It is created for the first new entry.
pub(crate) struct Writer {
    // Dropped before the pack, so that the lock is released when no thread uses the file any more.
    flusher: Flusher,
    pack: NewPack,
    /// The number of the pack in the index.
    number: usize,
}

impl Writer {
    /// Creates a pack for this run. `add_to_index` adds it to the index and returns its number there.
    pub fn start(dir: &Path, run: &str, add_to_index: impl FnOnce(Pack) -> usize) -> Result<Self, LedgerError> {
        let mut pack = NewPack::create(dir)?;
        pack.publish(run)?;
        let flusher = pack.file().try_clone().and_then(Flusher::start);
        let flusher = flusher.map_err(LedgerError::io("start to sync", pack.path()))?;
        let mut read = Pack::unread(pack.path());
        (read.reader.marker, read.reader.file, read.end) = (Some(pack.marker()), Some(pack.reader()?), pack.end());
        Ok(Self { flusher, pack, number: add_to_index(read) })
    }

    pub fn append(&mut self, key: &Key, raw: usize, payload: &[u8]) -> Result<Frame, LedgerError> {
        let frame = self.pack.append(key, raw, payload)?;
        self.flusher.mark_dirty();
        Ok(frame)
    }

    /// The error of a sync that failed since the last call; `None` if there was none.
    pub fn take_failure(&self) -> Option<LedgerError> {
        self.flusher.take_failure().map(LedgerError::io("sync", self.pack.path()))
    }

    /// Waits until all entries are on disk.
    pub fn flush(&self) -> Result<(), LedgerError> {
        self.take_failure().map_or(Ok(()), Err)?;
        self.pack.sync()
    }

    pub fn pack(&self) -> &NewPack {
        &self.pack
    }

    /// The number of the pack in the index.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Sets the number of the pack after the index was rebuilt.
    pub fn set_number(&mut self, number: usize) {
        self.number = number;
    }
}
