//! A ledger in figures.

use std::fs;

use serde::Serialize;

use crate::dir;
use crate::error::{Damage, LedgerError, TornTail};
use crate::ledger::Ledger;

/// What is in a ledger, as far as opening it tells: payloads were not read, so [`verify`](crate::verify) may find more damage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    /// How many packs there are.
    pub packs: usize,
    /// How many entries they hold together.
    pub entries: u64,
    /// How many keys these entries have.
    pub keys: usize,
    /// How many entries are never read, because another has their key.
    pub duplicates: u64,
    /// Length of all packs, in bytes.
    pub disk_bytes: u64,
    /// Length of all values, duplicates too, in bytes.
    pub raw_bytes: u64,
    /// How many packs are being written, by this program and others; those whose lock cannot be read are counted too.
    pub live_writers: usize,
    /// Unfinished last frames.
    pub torn: Vec<TornTail>,
    /// Parts of packs that are not what was written.
    pub damage: Vec<Damage>,
}

impl Ledger {
    /// Figures of all that is known; call [`Ledger::refresh`] before to have what others wrote since.
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
