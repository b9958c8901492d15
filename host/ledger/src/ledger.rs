//! An open ledger: reads and stores values.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::Key;
use crate::codec;
use crate::dir;
use crate::error::LedgerError;
use crate::format::MAX_VALUE;
use crate::index::{Index, read_updates};
use crate::writer::Writer;

/// The greatest length of a run's name in the name of a pack, in characters.
const MAX_RUN_NAME: usize = 32;

/// How a ledger is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// For reading only: the folder must exist, and nothing in it is created or changed.
    Read,
    /// For reading and recording: the folder is created with mode 0700 if it does not exist.
    Write,
}

/// The result of [`Ledger::put`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "if the key was known, the stored value counts"]
pub enum Put {
    /// The key was new; the value is now committed.
    New,
    /// The key was known and has this value. The value passed to `put` is not stored.
    Known(Vec<u8>),
}

/// An open ledger, which is a folder of packs. Many threads may use it at once. Its methods block; `put` and `get` take a few
/// microseconds for values of a few kilobytes.
///
/// Dropping a ledger syncs and closes its pack but ignores errors; call [`Ledger::flush`] before to learn of them.
pub struct Ledger {
    dir: PathBuf,
    /// The name of the run that the ledger was opened for; empty if there is none.
    run: String,
    access: Access,
    // If several are locked, then in this order.
    refresh_lock: Mutex<()>,
    writer: Mutex<Option<Writer>>,
    index: RwLock<Index>,
}

impl Ledger {
    /// Opens the ledger in a folder and reads which entries it holds. Damage does not prevent this: [`Ledger::info`] reports it,
    /// and reading a damaged entry is an error.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder or a pack cannot be read, if a pack has an unsupported format version, or, for
    /// [`Access::Write`], if the folder cannot be created.
    pub fn open(path: impl AsRef<Path>, access: Access) -> Result<Self, LedgerError> {
        Self::open_for(path, access, "")
    }

    /// Like [`Ledger::open`], but for the run `run`; all characters except ASCII letters and digits are dropped from the name.
    /// Packs written for the run have the name in theirs, and if several packs hold a key, the run's own take precedence. So a
    /// run that is computed again gets the same answers, even if other runs wrote to the ledger at the same time.
    pub fn open_for(path: impl AsRef<Path>, access: Access, run: &str) -> Result<Self, LedgerError> {
        let run: String = run.chars().filter(char::is_ascii_alphanumeric).take(MAX_RUN_NAME).collect();
        let dir = path.as_ref().to_owned();
        if access == Access::Write {
            dir::create(&dir)?;
        }
        let index = Index::load(&dir, None, &run, access == Access::Write)?;
        let (refresh_lock, writer, index) = (Mutex::default(), Mutex::default(), RwLock::new(index));
        Ok(Self { dir, run, access, refresh_lock, writer, index })
    }

    /// The stored value of a key, byte for byte. `None` if the key is not known; keys that other processes wrote since the last
    /// [`Ledger::refresh`] may not be known.
    ///
    /// # Errors
    ///
    /// Returns an error if the entry is damaged or its pack cannot be read.
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut refreshed = false;
        loop {
            let Some((reader, location)) = self.index().find(key) else { return Ok(None) };
            match reader.value(key, location) {
                // Another process pruned the ledger, so the entry may be in another pack now.
                Err(error) if error.is_missing_file() && !refreshed => {
                    self.refresh()?;
                    refreshed = true;
                }
                value => return value.map(Some),
            }
        }
    }

    /// Stores a value unless the key is known. When this returns, the value is committed: killing the process does not lose it. A
    /// power failure within about a second may.
    ///
    /// # Errors
    ///
    /// Returns an error if the ledger was opened for reading, if the value is empty or longer than [`MAX_VALUE`], if the known
    /// entry of the key is damaged, or if the value cannot be written. The value is then not committed.
    pub fn put(&self, key: &Key, value: &[u8]) -> Result<Put, LedgerError> {
        self.writable()?;
        if value.is_empty() || value.len() > MAX_VALUE {
            return Err(LedgerError::ValueSize { key: *key, bytes: value.len() });
        }
        if let Some(known) = self.get(key)? {
            return Ok(Put::Known(known));
        }
        let payload = codec::compress(value);
        loop {
            let mut writer = self.writer();
            if !self.contains(key) {
                self.append(&mut writer, key, value.len(), &payload)?;
                return Ok(Put::New);
            }
            drop(writer);
            // Another thread stored the key meanwhile.
            if let Some(known) = self.get(key)? {
                return Ok(Put::Known(known));
            }
        }
    }

    fn append(&self, writer: &mut Option<Writer>, key: &Key, raw: usize, payload: &[u8]) -> Result<(), LedgerError> {
        if let Some(error) = writer.as_ref().and_then(Writer::take_failure) {
            // It is not known what the failed sync lost, so this pack gets no more entries. The next entry starts a new pack.
            *writer = None;
            return Err(error);
        }
        if writer.as_ref().is_some_and(|writer| writer.pack().is_broken()) {
            *writer = None;
        }
        let writer = match writer {
            Some(writer) => writer,
            None => writer.insert(Writer::start(&self.dir, &self.run, |pack| self.index_mut().add(pack, &Vec::new()))?),
        };
        let frame = writer.append(key, raw, payload)?;
        self.index_mut().commit(writer.number(), &frame);
        Ok(())
    }

    /// Whether a key is known.
    pub fn contains(&self, key: &Key) -> bool {
        self.index().contains(key)
    }

    /// The number of known keys.
    pub fn len(&self) -> usize {
        self.index().len()
    }

    /// Whether no key is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads what other processes have written since the ledger was opened or last refreshed. A key that is already known keeps
    /// its value as long as its pack exists.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder or a pack cannot be read, or if a pack has an unsupported format version.
    pub fn refresh(&self) -> Result<(), LedgerError> {
        let _refresh_lock = self.refresh_lock();
        let own = self.writer().as_ref().map(|writer| writer.pack().path().to_owned());
        // A copy, so that other threads need not wait while packs are read.
        let packs = self.index().packs().to_vec();
        match read_updates(&packs, &self.dir, own.as_deref(), self.access == Access::Write) {
            Ok(Some(mut updates)) => {
                let writer = self.writer();
                // Another thread may have started our own pack meanwhile.
                updates.retain(|(pack, _)| writer.as_ref().is_none_or(|writer| writer.pack().path() != pack.path()));
                self.index_mut().apply_updates(updates);
            }
            Ok(None) => self.reload(&mut self.writer())?,
            Err(error) if error.is_missing_file() => self.reload(&mut self.writer())?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reads all packs again, because some have vanished. The caller holds the lock of the writer.
    pub(crate) fn reload(&self, writer: &mut Option<Writer>) -> Result<(), LedgerError> {
        let own = writer.as_ref().map(|writer| writer.pack().path().to_owned());
        let index = Index::load(&self.dir, own.as_deref(), &self.run, self.access == Access::Write)?;
        if let Some(writer) = writer {
            let number = index.packs().iter().position(|pack| Some(pack.path()) == own.as_deref());
            writer.set_number(number.unwrap_or_default());
        }
        *self.index_mut() = index;
        Ok(())
    }

    /// Waits until all values that were stored are on disk.
    ///
    /// # Errors
    ///
    /// Returns an error, which names the pack, if the pack cannot be synced. Some values may then not be on disk.
    pub fn flush(&self) -> Result<(), LedgerError> {
        self.writer().as_ref().map_or(Ok(()), Writer::flush)
    }

    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// The folder of the ledger.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn writable(&self) -> Result<(), LedgerError> {
        match self.access {
            Access::Write => Ok(()),
            Access::Read => Err(LedgerError::ReadOnly { path: self.dir.clone() }),
        }
    }

    pub(crate) fn refresh_lock(&self) -> MutexGuard<'_, ()> {
        self.refresh_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let Some(writer) = self.writer().take() else { return };
        let synced = writer.flush();
        if let Some((pack, locations)) = self.index().pack(writer.number()).filter(|_| synced.is_ok()) {
            // Without an index file the next opening only takes longer.
            let _may_fail = pack.write_index_file(&locations);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Ledger>();
    }
}
