//! The folder of a ledger: which packs are in it, and names for new ones.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::LedgerError;

/// How the file of a pack ends.
const PACK: &str = "pack";
/// The folder of a run in which its ledger is.
const LEDGER: &str = "ledger";

/// Makes the folder, for its owner only, where it is missing.
pub(crate) fn create(path: &Path) -> Result<(), LedgerError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(LedgerError::io("make the folder", path))
}

/// All packs, in the order of their names: files that end with `.pack`.
pub(crate) fn packs(dir: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let mut packs = files(dir)?;
    packs.retain(|path| path.extension().is_some_and(|extension| extension == PACK));
    packs.sort_unstable();
    Ok(packs)
}

/// Whether a folder holds a pack, for those who would look after a ledger that was recorded into; opening one does not ask, as a
/// run may have recorded nothing. Where it holds none, the error says whether a folder `ledger` in it does.
pub fn expect_packs(dir: &Path) -> Result<(), LedgerError> {
    if !packs(dir)?.is_empty() {
        return Ok(());
    }
    let below = Some(dir.join(LEDGER)).filter(|below| packs(below).is_ok_and(|packs| !packs.is_empty()));
    Err(LedgerError::NoPacks { path: dir.to_owned(), below })
}

/// All that is directly in the folder.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let entries = fs::read_dir(dir).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    entries.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LedgerError::Missing { path: dir.to_owned() },
        _ => LedgerError::io("list", dir)(source),
    })
}

/// Opens a pack for reading.
pub(crate) fn open(path: &Path) -> Result<File, LedgerError> {
    let is_file = fs::metadata(path).map_err(LedgerError::io("open", path))?.is_file();
    // A pipe would wait for ever.
    if !is_file {
        return Err(LedgerError::io("open", path)(io::Error::other("it is named like a pack and is no file")));
    }
    File::open(path).map_err(LedgerError::io("open", path))
}

/// Whether another program may be writing a pack: its lock is taken, or cannot be asked for.
pub(crate) fn is_live(file: &File) -> bool {
    match file.try_lock_shared() {
        // Closing the file would give it back as well; here it may stay open.
        Ok(()) => file.unlock().is_err(),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
    }
}

/// Waits until what was done to names in the folder is on the disk.
pub(crate) fn sync(dir: &Path) -> Result<(), LedgerError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(LedgerError::io("sync", dir))
}

/// A name for a pack that no other pack has: later ones sort behind earlier ones, as far as clocks agree. `run`: whose it is, if it
/// is a run's.
pub(crate) fn fresh_name(run: &str) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}{:012x}-{:016x}.{PACK}", of_run(run), time.as_millis(), random())
}

/// How the names of a run's packs begin.
fn of_run(run: &str) -> String {
    if run.is_empty() { "w-".to_owned() } else { format!("w-{run}-") }
}

/// Whether a pack was written by this run.
pub(crate) fn is_of(path: &Path, run: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !run.is_empty() && name.starts_with(&of_run(run))
}

/// The name of a pack that was copied from another ledger. It sorts behind those written here, so that what they say goes on to
/// count.
pub(crate) fn copied_name(digest: &blake3::Hash) -> String {
    format!("z-{}.{PACK}", digest.to_hex().chars().take(32).collect::<String>())
}

/// A number that no one can foresee, and that is another each time.
pub(crate) fn random() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    // The standard library draws its hash keys from the system's randomness.
    RandomState::new().hash_one((std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed)))
}
