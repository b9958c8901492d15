//! Reading all of a ledger to see whether it is what was written.

use std::path::Path;

use serde::Serialize;

use crate::dir;
use crate::error::{Damage, LedgerError, TornTail};
use crate::format::Frame;
use crate::scan::{Scan, Step};

/// How often progress is told, in bytes.
const STRIDE: u64 = 16 << 20;

/// What reading all of a ledger showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many packs were read.
    pub packs: usize,
    /// How many entries are unharmed; those that several packs hold are counted several times.
    pub entries: u64,
    /// Length of all packs, in bytes.
    pub disk_bytes: u64,
    /// Length of the values of all unharmed entries, in bytes.
    pub raw_bytes: u64,
    /// Unfinished last frames. They are no damage.
    pub torn: Vec<TornTail>,
    /// Every damaged part.
    pub damage: Vec<Damage>,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Bytes that were read.
    pub done: u64,
    /// Bytes that there are.
    pub total: u64,
}

/// Reads every byte of every pack in a folder, and decompresses every value. It goes on behind damage; only what the system
/// refuses and packs of other versions end it. Nothing is changed. Index files are never believed over
/// packs, but for one thing: where the index file of a pack knew more entries than there are, the others are gone.
pub fn verify(dir: &Path, mut progress: impl FnMut(Progress)) -> Result<Verified, LedgerError> {
    let packs = dir::packs(dir)?;
    let mut total = 0;
    for path in &packs {
        total += dir::open(path)?.metadata().map_err(LedgerError::io("read", path))?.len();
    }
    let (mut verified, mut before, mut told) = (Verified { packs: packs.len(), ..Verified::default() }, 0, 0);
    for path in &packs {
        let file = dir::open(path)?;
        let mut scan = Scan::new(path, &file, dir::is_live(&file))?;
        while let Some(found) = checked(&mut scan)? {
            match found {
                Checked::Entry(_, value) => {
                    verified.entries += 1;
                    verified.raw_bytes += value.len() as u64;
                }
                Checked::Damage(damage) => verified.damage.push(damage),
                Checked::Torn(tail) => verified.torn.push(tail),
            }
            let done = before + scan.offset();
            if done >= told + STRIDE {
                told = done;
                progress(Progress { done, total: total.max(done) });
            }
        }
        before += scan.length();
        verified.disk_bytes += scan.length();
    }
    progress(Progress { done: before, total: before });
    Ok(verified)
}

/// A step through a pack that looks at payloads too.
pub(crate) enum Checked {
    /// An unharmed entry.
    Entry(Frame, Vec<u8>),
    Damage(Damage),
    Torn(TornTail),
}

/// The next step; none at the end.
pub(crate) fn checked(scan: &mut Scan<'_>) -> Result<Option<Checked>, LedgerError> {
    Ok(match scan.step()? {
        None => None,
        Some(Step::Damage(damage)) => Some(Checked::Damage(damage)),
        Some(Step::Torn(tail)) => Some(Checked::Torn(tail)),
        Some(Step::Frame(frame)) => {
            let (_, payload) = scan.bytes(&frame)?;
            Some(match frame.value(payload) {
                Ok(value) => Checked::Entry(frame, value),
                Err(fault) => Checked::Damage(scan.damage(&frame, fault)),
            })
        }
    })
}
