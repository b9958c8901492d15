//! The pack that an opened ledger writes, from its first entry on.

use std::path::Path;

use crate::Key;
use crate::error::LedgerError;
use crate::flusher::Flusher;
use crate::format::Frame;
use crate::new_pack::NewPack;
use crate::pack::Pack;

/// A pack with the thread that syncs it.
pub(crate) struct Writer {
    // Dropped first, so that the lock is given back when nothing uses the pack.
    flusher: Flusher,
    pack: NewPack,
    number: usize,
}

impl Writer {
    /// Makes a pack of this run; `number` takes it into the index, and says as which.
    pub fn start(dir: &Path, run: &str, number: impl FnOnce(Pack) -> usize) -> Result<Self, LedgerError> {
        let mut pack = NewPack::create(dir)?;
        pack.publish(run)?;
        let flusher = pack.file().try_clone().and_then(Flusher::start);
        let flusher = flusher.map_err(LedgerError::io("start to sync", pack.path()))?;
        let mut read = Pack::unread(pack.path());
        (read.source.marker, read.source.file, read.end) = (Some(pack.marker()), Some(pack.reader()?), pack.end());
        Ok(Self { flusher, pack, number: number(read) })
    }

    pub fn append(&mut self, key: &Key, raw: usize, payload: &[u8]) -> Result<Frame, LedgerError> {
        let frame = self.pack.append(key, raw, payload)?;
        self.flusher.wrote();
        Ok(frame)
    }

    /// What went wrong when the pack was synced.
    pub fn failure(&self) -> Option<LedgerError> {
        self.flusher.failure().map(LedgerError::io("sync", self.pack.path()))
    }

    /// Waits until all is on the disk.
    pub fn flush(&self) -> Result<(), LedgerError> {
        self.failure().map_or(Ok(()), Err)?;
        self.pack.sync()
    }

    pub fn pack(&self) -> &NewPack {
        &self.pack
    }

    /// Its number in the index.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Says that the index was made anew.
    pub fn renumber(&mut self, number: usize) {
        self.number = number;
    }
}
