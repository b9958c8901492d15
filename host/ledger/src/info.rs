//! Counts what a ledger holds.

use std::fs;

use serde::Serialize;

use crate::dir;
use crate::error::{Damage, LedgerError, TornTail};
use crate::ledger::Ledger;

/// What a ledger holds. Payloads are not read for this, so [`verify`](crate::verify) may find more damage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    /// Number of packs.
    pub packs: usize,
    /// Number of entries in all packs.
    pub entries: u64,
    /// Number of different keys.
    pub keys: usize,
    /// Number of entries that are never read, because another entry with the same key takes precedence.
    pub duplicates: u64,
    /// Total length of the packs, in bytes.
    pub disk_bytes: u64,
    /// Total length of the values before compression, in bytes, with duplicates.
    pub raw_bytes: u64,
    /// Number of packs that are being written, by this process or others. Packs whose lock cannot be read are included.
    pub live_writers: usize,
    /// Unfinished frames at the ends of packs.
    pub torn: Vec<TornTail>,
    /// Damaged parts of packs.
    pub damage: Vec<Damage>,
}

impl Ledger {
    /// Counts what is known of the ledger now. Call [`Ledger::refresh`] first to include what other processes wrote since.
    ///
    /// # Errors
    ///
    /// Returns an error if a pack cannot be opened.
    pub fn info(&self) -> Result<Info, LedgerError> {
        let index = self.index();
        let mut info = Info {
            packs: index.packs().len(),
            entries: index.packs().iter().map(|pack| pack.frames).sum(),
            keys: index.len(),
            duplicates: 0,
            disk_bytes: 0,
            raw_bytes: index.packs().iter().map(|pack| pack.raw).sum(),
            live_writers: 0,
            torn: index.packs().iter().filter_map(|pack| pack.torn.clone()).collect(),
            damage: index.packs().iter().flat_map(|pack| pack.damage.clone()).collect(),
        };
        info.duplicates = info.entries.saturating_sub(info.keys as u64);
        for pack in index.packs() {
            info.disk_bytes += fs::metadata(pack.path()).map_err(LedgerError::io("read", pack.path()))?.len();
            info.live_writers += usize::from(dir::is_live(&dir::open(pack.path())?));
        }
        Ok(info)
    }
}
