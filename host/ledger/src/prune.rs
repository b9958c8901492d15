//! Rewrites a ledger with only the entries to keep.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::Key;
use crate::dir;
use crate::error::{Damage, LedgerError};
use crate::index::lookup_order;
use crate::index_file::IndexFile;
use crate::ledger::Ledger;
use crate::new_pack::NewPack;
use crate::scan::Scan;
use crate::temp::TempFile;
use crate::verify::{CheckedStep, next_checked};

/// The result of pruning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Number of entries that were kept.
    pub kept: u64,
    /// Number of entries that were dropped as not wanted.
    pub dropped: u64,
    /// Number of entries that were dropped because an earlier entry had the same key.
    pub duplicates: u64,
    /// The damaged parts. Each pack that has one was set aside: `.damaged` was appended to its name.
    pub damage: Vec<Damage>,
}

impl Ledger {
    /// Writes all entries for which `keep` returns true to one new pack, verifies it, and removes all other packs. If this is
    /// interrupted, old packs may remain beside the new one; pruning again removes them. `put` blocks meanwhile.
    ///
    /// # Errors
    ///
    /// Returns an error if the ledger was opened for reading, if another process may be writing to it, or if a file cannot be
    /// read, written or removed.
    pub fn prune(&self, mut keep: impl FnMut(&Key, &[u8]) -> bool) -> Result<Pruned, LedgerError> {
        self.writable()?;
        let _refresh_lock = self.refresh_lock();
        let mut writer = self.writer();
        let own = writer.as_ref().map(|writer| writer.pack().path().to_owned());
        let packs = lookup_order(dir::packs(self.path())?, own.as_deref(), self.run());
        for path in packs.iter().filter(|path| own.as_ref() != Some(path)) {
            if dir::is_live(&dir::open(path)?) {
                return Err(LedgerError::LiveWriter { path: path.clone() });
            }
        }
        let mut new_pack = NewPack::create(self.path())?;
        let (mut pruned, mut seen, mut damaged) = (Pruned::default(), HashSet::new(), BTreeSet::new());
        for path in &packs {
            let file = dir::open(path)?;
            let mut scan = Scan::new(path, &file, false)?;
            while let Some(found) = next_checked(&mut scan)? {
                match found {
                    CheckedStep::Entry(frame, _) if !seen.insert(frame.key) => pruned.duplicates += 1,
                    CheckedStep::Entry(frame, value) if keep(&frame.key, &value) => {
                        let (_, payload) = scan.bytes(&frame)?;
                        new_pack.append(&frame.key, value.len(), payload)?;
                        pruned.kept += 1;
                    }
                    CheckedStep::Entry(..) => pruned.dropped += 1,
                    CheckedStep::Damage(damage) => {
                        pruned.damage.push(damage);
                        damaged.insert(path);
                    }
                    CheckedStep::Torn(_) => {}
                }
            }
        }
        new_pack.sync()?;
        check(&new_pack, pruned.kept)?;
        if pruned.kept > 0 {
            new_pack.publish(self.run())?;
        }
        drop(new_pack);
        *writer = None;
        for path in &packs {
            IndexFile::remove(path);
            let done = if damaged.contains(path) {
                fs::rename(path, path.with_extension("pack.damaged"))
            } else {
                fs::remove_file(path)
            };
            match done {
                // Another process pruned at the same time; its new pack holds what it kept.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done.map_err(LedgerError::io("remove", path))?,
            }
        }
        TempFile::remove_leftovers(self.path())?;
        dir::sync(self.path())?;
        self.reload(&mut writer)?;
        Ok(pruned)
    }
}

/// Verifies that a pack that was just written holds the expected number of entries.
fn check(new_pack: &NewPack, expected: u64) -> Result<(), LedgerError> {
    let mut scan = Scan::new(new_pack.path(), new_pack.file(), false)?;
    let mut entries = 0;
    while let Some(found) = next_checked(&mut scan)? {
        match found {
            CheckedStep::Entry(..) => entries += 1,
            CheckedStep::Damage(damage) => return Err(LedgerError::Damaged(damage)),
            CheckedStep::Torn(_) => break,
        }
    }
    let path: &Path = new_pack.path();
    if entries == expected { Ok(()) } else { Err(LedgerError::Changed { path: path.to_owned() }) }
}
