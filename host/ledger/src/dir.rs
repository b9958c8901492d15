//! The folder of a ledger: lists its packs and names new ones.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::LedgerError;

/// The file extension of a pack.
const PACK: &str = "pack";
/// The name of the folder in a run's folder that holds the run's ledger.
const LEDGER: &str = "ledger";

/// Creates the folder, accessible to its owner only, if it does not exist.
pub(crate) fn create(path: &Path) -> Result<(), LedgerError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(LedgerError::io("make the folder", path))
}

/// The paths of all packs in the folder, in the order of their names. A pack is a file whose name ends with `.pack`.
pub(crate) fn packs(dir: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let mut packs = files(dir)?;
    packs.retain(|path| path.extension().is_some_and(|extension| extension == PACK));
    packs.sort_unstable();
    Ok(packs)
}

/// Checks that a folder holds at least one pack, for commands that make no sense on an empty ledger. Opening a ledger does not
/// check this, because a run may have recorded nothing.
///
/// # Errors
///
/// Returns an error if the folder cannot be listed or holds no pack. The message names the subfolder `ledger` if that holds
/// packs.
pub fn expect_packs(dir: &Path) -> Result<(), LedgerError> {
    if !packs(dir)?.is_empty() {
        return Ok(());
    }
    let below = Some(dir.join(LEDGER)).filter(|below| packs(below).is_ok_and(|packs| !packs.is_empty()));
    Err(LedgerError::NoPacks { path: dir.to_owned(), below })
}

/// The paths of all entries of the folder, without those of its subfolders.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let entries = fs::read_dir(dir).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    entries.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LedgerError::Missing { path: dir.to_owned() },
        _ => LedgerError::io("list", dir)(source),
    })
}

/// Opens a pack for reading.
pub(crate) fn open(path: &Path) -> Result<File, LedgerError> {
    // Opening a named pipe would block.
    let is_file = fs::metadata(path).map_err(LedgerError::io("open", path))?.is_file();
    if !is_file {
        return Err(LedgerError::io("open", path)(io::Error::other("it is named like a pack but is no file")));
    }
    File::open(path).map_err(LedgerError::io("open", path))
}

/// Whether another process may be writing a pack: its lock is held, or the file system cannot tell.
pub(crate) fn is_live(file: &File) -> bool {
    match file.try_lock_shared() {
        // Unlocked explicitly, because the caller may keep the file open.
        Ok(()) => file.unlock().is_err(),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
    }
}

/// Waits until all renames and removals in the folder are on disk.
pub(crate) fn sync(dir: &Path) -> Result<(), LedgerError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(LedgerError::io("sync", dir))
}

/// A unique name for a new pack. Names of later packs sort after those of earlier ones, as far as clocks agree. `run` is the name
/// of the run that writes the pack; empty if there is none.
pub(crate) fn new_pack_name(run: &str) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}{:012x}-{:016x}.{PACK}", run_prefix(run), time.as_millis(), random())
}

/// The prefix of the names of a run's packs.
fn run_prefix(run: &str) -> String {
    if run.is_empty() { "w-".to_owned() } else { format!("w-{run}-") }
}

/// Whether a pack was written by this run. Always false if `run` is empty.
pub(crate) fn belongs_to_run(path: &Path, run: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !run.is_empty() && name.starts_with(&run_prefix(run))
}

/// The name of a pack that is copied from another ledger. It sorts after the packs written here, so that their values keep
/// precedence.
pub(crate) fn merged_pack_name(digest: &blake3::Hash) -> String {
    format!("z-{}.{PACK}", digest.to_hex().chars().take(32).collect::<String>())
}

/// An unpredictable random number, different on each call.
pub(crate) fn random() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    // The standard library draws its hash keys from the system's randomness.
    RandomState::new().hash_one((std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed)))
}
