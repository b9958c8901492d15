//! Adding other ledgers to one.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::Serialize;

use crate::dir;
use crate::error::{LedgerError, TornTail};
use crate::ledger::Ledger;
use crate::scan::Scan;
use crate::temp::Temp;
use crate::verify::{Checked, checked};

/// What merging did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// How many packs were added.
    pub packs: usize,
    /// How many entries are in them.
    pub entries: u64,
    /// How many packs were there already, or have no entry.
    pub skipped: usize,
    /// Unfinished last frames of the sources; they were left out.
    pub torn: Vec<TornTail>,
}

/// A pack that was read and found whole.
struct Whole {
    name: String,
    digest: blake3::Hash,
    end: u64,
    entries: u64,
}

impl Ledger {
    /// Adds the packs of other ledgers. Each is verified, copied under a name made from its content, and verified to be the same
    /// before it gets that name; packs that are there are left out, so merging again is cheap. Sources are not changed. One that
    /// is being written gives what is committed by now. A damaged pack is an error, and is not added; packs before it are.
    pub fn merge(&self, from: &[impl AsRef<Path>]) -> Result<Merged, LedgerError> {
        self.writable()?;
        let mut merged = Merged::default();
        for source in from {
            let source = source.as_ref();
            let packs = dir::packs(source)?;
            let canonical = |path: &Path| fs::canonicalize(path).map_err(LedgerError::io("find", path));
            if canonical(source)? == canonical(self.path())? {
                return Err(LedgerError::MergedIntoItself { path: source.to_owned() });
            }
            for pack in packs {
                self.merge_pack(&pack, &mut merged)?;
            }
        }
        dir::sync(self.path())?;
        self.refresh()?;
        Ok(merged)
    }

    fn merge_pack(&self, pack: &Path, merged: &mut Merged) -> Result<(), LedgerError> {
        let file = dir::open(pack)?;
        let whole = read(pack, &file, merged)?;
        if whole.entries == 0 || self.path().join(&whole.name).exists() {
            merged.skipped += 1;
            return Ok(());
        }
        let mut temp = Temp::create(self.path())?;
        // Read from its front once more; until now it was read by position.
        if copy(pack, &file, whole.end, &mut temp)? != whole.digest {
            return Err(LedgerError::Changed { path: pack.to_owned() });
        }
        temp.file.sync_all().map_err(LedgerError::io("sync", temp.path()))?;
        temp.publish(&whole.name)?;
        merged.packs += 1;
        merged.entries += whole.entries;
        Ok(())
    }
}

/// Verifies a pack up to its last whole frame.
fn read(pack: &Path, file: &File, merged: &mut Merged) -> Result<Whole, LedgerError> {
    let mut scan = Scan::new(pack, file, dir::is_live(file))?;
    let (mut digest, mut entries) = (blake3::Hasher::new(), 0);
    while let Some(found) = checked(&mut scan)? {
        match found {
            Checked::Entry(frame, _) => {
                if entries == 0 {
                    digest.update(scan.header_bytes()?);
                }
                let (header, payload) = scan.bytes(&frame)?;
                digest.update(header).update(payload);
                entries += 1;
            }
            Checked::Damage(damage) => return Err(LedgerError::Damaged(damage)),
            Checked::Torn(tail) => merged.torn.push(tail),
        }
    }
    let digest = digest.finalize();
    Ok(Whole { name: dir::copied_name(&digest), digest, end: scan.offset(), entries })
}

/// Copies the first `end` bytes, and says what their digest is.
fn copy(pack: &Path, file: &File, end: u64, temp: &mut Temp) -> Result<blake3::Hash, LedgerError> {
    let mut source = file.take(end);
    let mut digest = blake3::Hasher::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = match source.read(&mut chunk) {
            Ok(0) => return Ok(digest.finalize()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(LedgerError::io("read", pack))?,
        };
        let bytes = chunk.get(..read).unwrap_or_default();
        digest.update(bytes);
        temp.file.write_all(bytes).map_err(LedgerError::io("write", temp.path()))?;
    }
}
