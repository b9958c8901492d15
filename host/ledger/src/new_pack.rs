//! Writes a pack.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Key;
use crate::dir;
use crate::error::LedgerError;
use crate::format::{Frame, Marker, PACK_HEADER, PackHeader};
use crate::temp::TempFile;

/// A pack that this process writes. It stays locked until this is dropped.
pub(crate) struct NewPack {
    temp: TempFile,
    marker: Marker,
    end: u64,
    /// Whether an unfinished frame could not be cut off.
    broken: bool,
}

impl NewPack {
    /// Creates a pack under a temporary name, so that readers do not see it yet.
    pub fn create(dir: &Path) -> Result<Self, LedgerError> {
        let temp = TempFile::create(dir)?;
        let marker = dir::random().to_le_bytes();
        temp.file.write_all_at(&PackHeader::bytes(&marker), 0).map_err(LedgerError::io("write", temp.path()))?;
        Ok(Self { temp, marker, end: PACK_HEADER as u64, broken: false })
    }

    /// Renames the pack to its final name. `run` is the name of the run that writes it; empty if there is none.
    pub fn publish(&mut self, run: &str) -> Result<(), LedgerError> {
        self.temp.publish(&dir::new_pack_name(run))?;
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

    /// Opens the file once more, for readers: this handle does not hold the lock.
    pub fn reader(&self) -> Result<Arc<File>, LedgerError> {
        dir::open(self.path()).map(Arc::new)
    }

    /// The length of the pack, in bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Whether the pack must get no more entries, because an unfinished frame could not be cut off.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes one frame with a single write, so that killing the process after this returns loses nothing. `raw` is the length of
    /// the uncompressed value, in bytes.
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

    /// Waits until all entries are on disk.
    pub fn sync(&self) -> Result<(), LedgerError> {
        self.temp.file.sync_data().map_err(LedgerError::io("sync", self.path()))
    }
}
