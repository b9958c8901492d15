//! Writing a ledger anew with what is still wanted.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::Key;
use crate::dir;
use crate::error::{Damage, LedgerError};
use crate::index::own_first;
use crate::index_file::IndexFile;
use crate::ledger::Ledger;
use crate::new_pack::NewPack;
use crate::scan::Scan;
use crate::temp::Temp;
use crate::verify::{Checked, checked};

/// What pruning did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// How many entries are left.
    pub kept: u64,
    /// How many were not wanted.
    pub dropped: u64,
    /// How many had a key that another entry has as well; that other one was kept or dropped.
    pub duplicates: u64,
    /// What could not be read. Each pack that has some was set aside: its name now ends with `.damaged`.
    pub damage: Vec<Damage>,
}

impl Ledger {
    /// Writes all entries that are wanted to one fresh pack, verifies it, and removes all other packs. Where that is interrupted,
    /// old packs are left beside the fresh one, and pruning again ends it. While it runs, nobody else may write this ledger: a
    /// pack whose lock is taken is an error. `put` waits meanwhile.
    pub fn prune(&self, mut keep: impl FnMut(&Key, &[u8]) -> bool) -> Result<Pruned, LedgerError> {
        self.writable()?;
        let _turn = self.refreshing();
        let mut writer = self.writer();
        let own = writer.as_ref().map(|writer| writer.pack().path().to_owned());
        let packs = own_first(dir::packs(self.path())?, own.as_deref(), self.run());
        for path in packs.iter().filter(|path| own.as_ref() != Some(path)) {
            if dir::is_live(&dir::open(path)?) {
                return Err(LedgerError::LiveWriter { path: path.clone() });
            }
        }
        let mut fresh = NewPack::create(self.path())?;
        let (mut pruned, mut seen, mut aside) = (Pruned::default(), HashSet::new(), BTreeSet::new());
        for path in &packs {
            let file = dir::open(path)?;
            let mut scan = Scan::new(path, &file, false)?;
            while let Some(found) = checked(&mut scan)? {
                match found {
                    Checked::Entry(frame, _) if !seen.insert(frame.key) => pruned.duplicates += 1,
                    Checked::Entry(frame, value) if keep(&frame.key, &value) => {
                        let (_, payload) = scan.bytes(&frame)?;
                        fresh.append(&frame.key, value.len(), payload)?;
                        pruned.kept += 1;
                    }
                    Checked::Entry(..) => pruned.dropped += 1,
                    Checked::Damage(damage) => {
                        pruned.damage.push(damage);
                        aside.insert(path);
                    }
                    Checked::Torn(_) => {}
                }
            }
        }
        fresh.sync()?;
        check(&fresh, pruned.kept)?;
        if pruned.kept > 0 {
            fresh.publish(self.run())?;
        }
        drop(fresh);
        *writer = None;
        for path in &packs {
            IndexFile::remove(path);
            let done = if aside.contains(path) {
                fs::rename(path, path.with_extension("pack.damaged"))
            } else {
                fs::remove_file(path)
            };
            match done {
                // Another program pruned at the same time; its fresh pack holds what it kept.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done.map_err(LedgerError::io("remove", path))?,
            }
        }
        Temp::sweep(self.path())?;
        dir::sync(self.path())?;
        self.reload(&mut writer)?;
        Ok(pruned)
    }
}

/// Whether a pack that was just written holds what it should.
fn check(fresh: &NewPack, expected: u64) -> Result<(), LedgerError> {
    let mut scan = Scan::new(fresh.path(), fresh.file(), false)?;
    let mut entries = 0;
    while let Some(found) = checked(&mut scan)? {
        match found {
            Checked::Entry(..) => entries += 1,
            Checked::Damage(damage) => return Err(LedgerError::Damaged(damage)),
            Checked::Torn(_) => break,
        }
    }
    let path: &Path = fresh.path();
    if entries == expected { Ok(()) } else { Err(LedgerError::Changed { path: path.to_owned() }) }
}
