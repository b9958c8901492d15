//! A pack that is being written.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Key;
use crate::dir;
use crate::error::LedgerError;
use crate::format::{Frame, Marker, PACK_HEADER, PackHeader};
use crate::temp::Temp;

/// A pack of our own, locked as long as this lives.
pub(crate) struct NewPack {
    temp: Temp,
    marker: Marker,
    end: u64,
    /// An unfinished frame could not be cut off.
    broken: bool,
}

impl NewPack {
    /// Makes one that nobody sees yet.
    pub fn create(dir: &Path) -> Result<Self, LedgerError> {
        let temp = Temp::create(dir)?;
        let marker = dir::random().to_le_bytes();
        temp.file.write_all_at(&PackHeader::bytes(&marker), 0).map_err(LedgerError::io("write", temp.path()))?;
        Ok(Self { temp, marker, end: PACK_HEADER as u64, broken: false })
    }

    /// Gives it its name among the packs of its folder, which is that of this run, if of any.
    pub fn publish(&mut self, run: &str) -> Result<(), LedgerError> {
        self.temp.publish(&dir::fresh_name(run))?;
        self.temp.path().parent().map_or(Ok(()), dir::sync)
    }

    pub fn path(&self) -> &Path {
        self.temp.path()
    }

    pub fn marker(&self) -> Marker {
        self.marker
    }

    pub fn file(&self) -> &File {
        &self.temp.file
    }

    /// The same file, opened once more: whoever reads what was written here does not hold the lock.
    pub fn reader(&self) -> Result<Arc<File>, LedgerError> {
        dir::open(self.path()).map(Arc::new)
    }

    /// Its length, in bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Whether nothing more may be written here: an unfinished frame could not be cut off.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes one frame, in one call to the system: when this returns, killing the program loses nothing. `raw`: length of the
    /// value, in bytes.
    pub fn append(&mut self, key: &Key, raw: usize, payload: &[u8]) -> Result<Frame, LedgerError> {
        let length = |bytes: usize| u32::try_from(bytes).map_err(|_| LedgerError::ValueSize { key: *key, bytes: raw });
        let (stored, raw) = (length(payload.len())?, length(raw)?);
        let frame = Frame { key: *key, offset: self.end, stored, raw, checksum: crc32fast::hash(payload) };
        let written = self.temp.file.write_all_at(&frame.bytes(&self.marker, payload), self.end);
        if let Err(error) = written {
            self.broken = self.temp.file.set_len(self.end).is_err();
            return Err(LedgerError::io("write", self.path())(error));
        }
        self.end += frame.size();
        Ok(frame)
    }

    /// Waits until all is on the disk.
    pub fn sync(&self) -> Result<(), LedgerError> {
        self.temp.file.sync_data().map_err(LedgerError::io("sync", self.path()))
    }
}
