//! Merges other ledgers into one.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::Serialize;

use crate::dir;
use crate::error::{LedgerError, TornTail};
use crate::ledger::Ledger;
use crate::scan::Scan;
use crate::temp::TempFile;
use crate::verify::{CheckedStep, next_checked};

/// The result of a merge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// Number of packs that were added.
    pub packs: usize,
    /// Number of entries in the added packs.
    pub entries: u64,
    /// Number of packs that were skipped because they were present already or have no entry.
    pub skipped: usize,
    /// Unfinished frames at the ends of source packs. They were not copied.
    pub torn: Vec<TornTail>,
}

/// A pack that was verified up to its last complete frame.
struct VerifiedPack {
    name: String,
    digest: blake3::Hash,
    end: u64,
    entries: u64,
}

impl Ledger {
    /// Adds the packs of other ledgers. Each pack is verified, copied to a name made from its content, and the copy is compared
    /// by its digest before it gets that name. Packs that are present already are skipped. Sources are not changed; of a source
    /// that is being written, the entries committed so far are copied.
    ///
    /// # Errors
    ///
    /// Returns an error if this ledger was opened for reading, if a source is this ledger, has a damaged pack or cannot be read,
    /// or if a copy cannot be written. Packs before the failed one stay added.
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
        let verified = verify_pack(pack, &file, merged)?;
        if verified.entries == 0 || self.path().join(&verified.name).exists() {
            merged.skipped += 1;
            return Ok(());
        }
        let mut temp = TempFile::create(self.path())?;
        // `copy` reads from the current position of the file, which is still 0: verifying reads by position.
        if copy(pack, &file, verified.end, &mut temp)? != verified.digest {
            return Err(LedgerError::Changed { path: pack.to_owned() });
        }
        temp.file.sync_all().map_err(LedgerError::io("sync", temp.path()))?;
        temp.publish(&verified.name)?;
        merged.packs += 1;
        merged.entries += verified.entries;
        Ok(())
    }
}

/// Verifies a pack up to its last complete frame, and adds a torn tail to `merged`.
fn verify_pack(pack: &Path, file: &File, merged: &mut Merged) -> Result<VerifiedPack, LedgerError> {
    let mut scan = Scan::new(pack, file, dir::is_live(file))?;
    let (mut digest, mut entries) = (blake3::Hasher::new(), 0);
    while let Some(found) = next_checked(&mut scan)? {
        match found {
            CheckedStep::Entry(frame, _) => {
                if entries == 0 {
                    digest.update(scan.header_bytes()?);
                }
                let (header, payload) = scan.bytes(&frame)?;
                digest.update(header).update(payload);
                entries += 1;
            }
            CheckedStep::Damage(damage) => return Err(LedgerError::Damaged(damage)),
            CheckedStep::Torn(tail) => merged.torn.push(tail),
        }
    }
    let digest = digest.finalize();
    Ok(VerifiedPack { name: dir::merged_pack_name(&digest), digest, end: scan.offset(), entries })
}

/// Copies the first `end` bytes. Returns their digest.
fn copy(pack: &Path, file: &File, end: u64, temp: &mut TempFile) -> Result<blake3::Hash, LedgerError> {
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
