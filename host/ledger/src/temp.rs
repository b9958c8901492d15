//! Temporary files that are renamed when they are complete.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::dir;
use crate::error::LedgerError;

/// The file extension of a temporary file.
const TEMP: &str = "temp";

/// A file under a temporary name, which is removed on drop unless it was published. It is locked as soon as it is created, so
/// other processes do not take it for a leftover, and a pack is never visible without its lock while it is written.
pub(crate) struct TempFile {
    pub file: File,
    path: PathBuf,
    published: bool,
}

impl TempFile {
    /// Creates a locked file with mode 0600 in `dir`.
    pub fn create(dir: &Path) -> Result<Self, LedgerError> {
        loop {
            let path = dir.join(format!(".{:016x}.{TEMP}", dir::random()));
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
            let file = file.map_err(LedgerError::io("create", &path))?;
            let temp = Self { file, path, published: false };
            match temp.file.lock() {
                Ok(()) => {}
                // On such a file system no process can test the lock either, so all packs are taken to be in use.
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(error) => return Err(LedgerError::io("lock", &temp.path)(error)),
            }
            // Another process may have removed the file as a leftover before it was locked.
            if temp.path.exists() {
                return Ok(temp);
            }
        }
    }

    /// The current path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file within its folder to its final name. An existing file of that name is replaced.
    pub fn publish(&mut self, name: &str) -> Result<(), LedgerError> {
        let path = self.path.with_file_name(name);
        fs::rename(&self.path, &path).map_err(LedgerError::io("name", &path))?;
        (self.path, self.published) = (path, true);
        Ok(())
    }

    /// Removes temporary files that were left by processes that were killed.
    pub fn remove_leftovers(dir: &Path) -> Result<(), LedgerError> {
        for path in dir::files(dir)? {
            if path.extension().is_none_or(|extension| extension != TEMP) {
                continue;
            }
            // A file that cannot be opened or is locked is left alone: it was removed meanwhile, or is in use.
            if let Ok(file) = File::open(&path)
                && file.try_lock().is_ok()
            {
                let _may_fail = fs::remove_file(&path);
            }
        }
        Ok(())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // Closing does not always unlock: a child process that another thread is starting inherits the open file for a moment.
        let _may_be_unsupported = self.file.unlock();
        if !self.published {
            let _may_not_exist = fs::remove_file(&self.path);
        }
    }
}
