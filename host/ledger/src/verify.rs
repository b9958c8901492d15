//! Verifies all bytes of a ledger.

use std::path::Path;

use serde::Serialize;

use crate::dir;
use crate::error::{Damage, LedgerError, TornTail};
use crate::format::Frame;
use crate::scan::{Scan, Step};

/// Number of bytes between two reports of progress.
const PROGRESS_INTERVAL: u64 = 16 << 20;

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Number of packs that were read.
    pub packs: usize,
    /// Number of undamaged entries. An entry that several packs hold is counted several times.
    pub entries: u64,
    /// Total length of the packs, in bytes.
    pub disk_bytes: u64,
    /// Total length of the values of undamaged entries before compression, in bytes.
    pub raw_bytes: u64,
    /// Unfinished frames at the ends of packs. They are not damage.
    pub torn: Vec<TornTail>,
    /// All damaged parts.
    pub damage: Vec<Damage>,
}

/// The progress of a verification.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Number of bytes read so far.
    pub done: u64,
    /// Number of bytes to read in total.
    pub total: u64,
}

/// Reads every byte of every pack in a folder and decompresses every value. It continues after damage and changes nothing.
/// `progress` is called about every 16 MiB and at the end. Index files are ignored, except that a pack with fewer entries than
/// its index file lists counts as damaged.
///
/// # Errors
///
/// Returns an error if the folder or a pack cannot be read, or if a pack has an unsupported format version.
pub fn verify(dir: &Path, mut progress: impl FnMut(Progress)) -> Result<Verified, LedgerError> {
    let packs = dir::packs(dir)?;
    let mut total = 0;
    for path in &packs {
        total += dir::open(path)?.metadata().map_err(LedgerError::io("read", path))?.len();
    }
    let (mut verified, mut before, mut reported) = (Verified { packs: packs.len(), ..Verified::default() }, 0, 0);
    for path in &packs {
        let file = dir::open(path)?;
        let mut scan = Scan::new(path, &file, dir::is_live(&file))?;
        while let Some(found) = next_checked(&mut scan)? {
            match found {
                CheckedStep::Entry(_, value) => {
                    verified.entries += 1;
                    verified.raw_bytes += value.len() as u64;
                }
                CheckedStep::Damage(damage) => verified.damage.push(damage),
                CheckedStep::Torn(tail) => verified.torn.push(tail),
            }
            let done = before + scan.offset();
            if done >= reported + PROGRESS_INTERVAL {
                reported = done;
                progress(Progress { done, total: total.max(done) });
            }
        }
        before += scan.length();
        verified.disk_bytes += scan.length();
    }
    progress(Progress { done: before, total: before });
    Ok(verified)
}

/// A step of a scan that also checks payloads.
pub(crate) enum CheckedStep {
    /// An undamaged entry: its frame and its value.
    Entry(Frame, Vec<u8>),
    Damage(Damage),
    Torn(TornTail),
}

/// The next step; `None` at the end of the pack.
pub(crate) fn next_checked(scan: &mut Scan<'_>) -> Result<Option<CheckedStep>, LedgerError> {
    Ok(match scan.step()? {
        None => None,
        Some(Step::Damage(damage)) => Some(CheckedStep::Damage(damage)),
        Some(Step::Torn(tail)) => Some(CheckedStep::Torn(tail)),
        Some(Step::Frame(frame)) => {
            let (_, payload) = scan.bytes(&frame)?;
            Some(match frame.value(payload) {
                Ok(value) => CheckedStep::Entry(frame, value),
                Err(fault) => CheckedStep::Damage(scan.damage(&frame, fault)),
            })
        }
    })
}
