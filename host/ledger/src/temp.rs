//! Files that appear under their name when they are whole.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::dir;
use crate::error::LedgerError;

/// How a file ends that has no name yet.
const TEMP: &str = "temp";

/// A file without a name: removed when it is dropped before it got one. It is locked from its first moment, so no other program
/// takes it for a leftover, and a pack is never seen unlocked while it is written.
pub(crate) struct Temp {
    pub file: File,
    path: PathBuf,
    named: bool,
}

impl Temp {
    pub fn create(dir: &Path) -> Result<Self, LedgerError> {
        loop {
            let path = dir.join(format!(".{:016x}.{TEMP}", dir::random()));
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
            let file = file.map_err(LedgerError::io("create", &path))?;
            let temp = Self { file, path, named: false };
            match temp.file.lock() {
                Ok(()) => {}
                // There, nobody can read the lock either, and all packs are taken for live ones.
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(error) => return Err(LedgerError::io("lock", &temp.path)(error)),
            }
            // Between creating and locking, it may have been taken for a leftover.
            if temp.path.exists() {
                return Ok(temp);
            }
        }
    }

    /// Where it is, under whatever name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it a name in its folder; another file of that name is replaced.
    pub fn publish(&mut self, name: &str) -> Result<(), LedgerError> {
        let path = self.path.with_file_name(name);
        fs::rename(&self.path, &path).map_err(LedgerError::io("name", &path))?;
        (self.path, self.named) = (path, true);
        Ok(())
    }

    /// Removes what programs left that were stopped before a file had its name.
    pub fn sweep(dir: &Path) -> Result<(), LedgerError> {
        for path in dir::files(dir)? {
            if path.extension().is_none_or(|extension| extension != TEMP) {
                continue;
            }
            // One that is gone by now, or that is another's, is no concern of ours.
            if let Ok(file) = File::open(&path)
                && file.try_lock().is_ok()
            {
                let _removed_or_not = fs::remove_file(&path);
            }
        }
        Ok(())
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        // Closing is not enough: a program that is being started from another thread holds all open files for a moment.
        let _there_may_be_no_locks = self.file.unlock();
        if !self.named {
            let _already_gone = fs::remove_file(&self.path);
        }
    }
}
