//! A ledger, opened.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::Key;
use crate::codec;
use crate::dir;
use crate::error::LedgerError;
use crate::format::MAX_VALUE;
use crate::index::{Index, news};
use crate::writer::Writer;

/// The longest name of a run that packs bear.
const RUN: usize = 32;

/// What a ledger is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading: the folder must be there, and nothing in it is made or changed.
    Read,
    /// Reading and recording: the folder is made where it is missing, with mode 0700.
    Write,
}

/// What became of a value that was put.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "where the key was known, the value that counts is the stored one"]
pub enum Put {
    /// The key was not known; the value is committed.
    New,
    /// The key was known, with this value. The one that was put is not stored.
    Known(Vec<u8>),
}

/// A folder of packs. All methods may be called from many threads at once; none is asynchronous. `put` and `get` take some
/// microseconds for values of some kilobytes.
///
/// When it is dropped, its pack is synced and closed. What goes wrong there is told by [`Ledger::flush`] only.
pub struct Ledger {
    dir: PathBuf,
    /// The run that it was opened for; empty for none.
    run: String,
    access: Access,
    // Where several are locked, then in this order.
    refreshing: Mutex<()>,
    writer: Mutex<Option<Writer>>,
    index: RwLock<Index>,
}

impl Ledger {
    /// Opens the ledger in a folder, and reads which entries are there. Damage does not keep it from opening: it is told by
    /// [`Ledger::info`], and an entry that is in a damaged frame is an error when it is asked for.
    pub fn open(path: impl AsRef<Path>, access: Access) -> Result<Self, LedgerError> {
        Self::open_for(path, access, "")
    }

    /// As [`Ledger::open`], for a run of this name (letters and digits; others are left out): what it writes bears the name, and where
    /// several packs hold a key, its own are looked in first. So a run is told the same whenever it is computed again, whoever else
    /// wrote at the same time.
    pub fn open_for(path: impl AsRef<Path>, access: Access, run: &str) -> Result<Self, LedgerError> {
        let run: String = run.chars().filter(char::is_ascii_alphanumeric).take(RUN).collect();
        let dir = path.as_ref().to_owned();
        if access == Access::Write {
            dir::create(&dir)?;
        }
        let index = Index::load(&dir, None, &run, access == Access::Write)?;
        let (refreshing, writer, index) = (Mutex::default(), Mutex::default(), RwLock::new(index));
        Ok(Self { dir, run, access, refreshing, writer, index })
    }

    /// The value of a key: what was stored, byte for byte. None where the key is not known; what others have written since
    /// [`Ledger::refresh`] may not be. An entry that is damaged is an error that names it.
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut refreshed = false;
        loop {
            let Some((source, spot)) = self.index().find(key) else { return Ok(None) };
            match source.value(key, spot) {
                // The ledger was pruned: the entry may be in another pack now.
                Err(error) if error.is_gone() && !refreshed => {
                    self.refresh()?;
                    refreshed = true;
                }
                value => return value.map(Some),
            }
        }
    }

    /// Stores a value, unless the key is known. When this returns, the value is committed: killing the program does not lose it.
    /// A loss of power may, for about a second. An error means that it is not committed.
    pub fn put(&self, key: &Key, value: &[u8]) -> Result<Put, LedgerError> {
        self.writable()?;
        if value.is_empty() || value.len() > MAX_VALUE {
            return Err(LedgerError::ValueSize { key: *key, bytes: value.len() });
        }
        if let Some(known) = self.get(key)? {
            return Ok(Put::Known(known));
        }
        let payload = codec::pack(value);
        loop {
            let mut writer = self.writer();
            if !self.contains(key) {
                self.append(&mut writer, key, value.len(), &payload)?;
                return Ok(Put::New);
            }
            drop(writer);
            // Another thread was faster.
            if let Some(known) = self.get(key)? {
                return Ok(Put::Known(known));
            }
        }
    }

    fn append(&self, slot: &mut Option<Writer>, key: &Key, raw: usize, payload: &[u8]) -> Result<(), LedgerError> {
        if let Some(error) = slot.as_ref().and_then(Writer::failure) {
            // What that lost is not known, so nothing more is written to this pack; the next entry begins another.
            *slot = None;
            return Err(error);
        }
        if slot.as_ref().is_some_and(|writer| writer.pack().is_broken()) {
            *slot = None;
        }
        let writer = match slot {
            Some(writer) => writer,
            None => slot.insert(Writer::start(&self.dir, &self.run, |pack| self.index_mut().add(pack, &Vec::new()))?),
        };
        let frame = writer.append(key, raw, payload)?;
        self.index_mut().commit(writer.number(), &frame);
        Ok(())
    }

    /// Whether a key is known.
    pub fn contains(&self, key: &Key) -> bool {
        self.index().contains(key)
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.index().len()
    }

    /// Whether no key is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads what others have written since. A value that this ledger has once given for a key stays the one it gives, as long
    /// as it is there.
    pub fn refresh(&self) -> Result<(), LedgerError> {
        let _turn = self.refreshing();
        let own = self.writer().as_ref().map(|writer| writer.pack().path().to_owned());
        // A copy, so that nobody waits while packs are read.
        let packs = self.index().packs().to_vec();
        match news(&packs, &self.dir, own.as_deref(), self.access == Access::Write) {
            Ok(Some(mut news)) => {
                let writer = self.writer();
                // Our own may have been started meanwhile.
                news.retain(|(pack, _)| writer.as_ref().is_none_or(|writer| writer.pack().path() != pack.path()));
                self.index_mut().take(news);
            }
            Ok(None) => self.reload(&mut self.writer())?,
            Err(error) if error.is_gone() => self.reload(&mut self.writer())?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reads all anew, because packs have vanished. Nobody may write meanwhile.
    pub(crate) fn reload(&self, writer: &mut Option<Writer>) -> Result<(), LedgerError> {
        let own = writer.as_ref().map(|writer| writer.pack().path().to_owned());
        let index = Index::load(&self.dir, own.as_deref(), &self.run, self.access == Access::Write)?;
        if let Some(writer) = writer {
            let number = index.packs().iter().position(|pack| Some(pack.path()) == own.as_deref());
            writer.renumber(number.unwrap_or_default());
        }
        *self.index_mut() = index;
        Ok(())
    }

    /// Waits until all that was put is on the disk. An error says that something may not be, and names the pack.
    pub fn flush(&self) -> Result<(), LedgerError> {
        self.writer().as_ref().map_or(Ok(()), Writer::flush)
    }

    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn writable(&self) -> Result<(), LedgerError> {
        match self.access {
            Access::Write => Ok(()),
            Access::Read => Err(LedgerError::ReadOnly { path: self.dir.clone() }),
        }
    }

    pub(crate) fn refreshing(&self) -> MutexGuard<'_, ()> {
        self.refreshing.lock().unwrap_or_else(PoisonError::into_inner)
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
        if let Some((pack, spots)) = self.index().pack(writer.number()).filter(|_| synced.is_ok()) {
            // Without it the next opening takes longer, and that is all.
            let _written_or_not = pack.write_index_file(&spots);
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
