//! The file beside a pack that says which entries it holds, so that opening a ledger need not read the packs.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::Key;
use crate::error::{Damage, Fault, LedgerError};
use crate::format::{FRAME_HEADER, MAX_VALUE, Marker, PACK_HEADER, PackHeader, seal, size, take, unseal};
use crate::temp::Temp;

/// With this an index file begins. One that begins otherwise is made anew, so other versions need no other rule.
const MAGIC: [u8; 8] = *b"rescidx1";
/// Bytes before the entries: the magic, the marker, and two lengths.
const HEAD: usize = 32;
/// Bytes of the checksum behind them.
const CHECKSUM: usize = 4;
/// Bytes for each entry: its key and the length of its payload.
const ENTRY: usize = Key::BYTES + 4;

/// What an index file says: the frames of an undamaged pack, from its front without gaps.
pub(crate) struct IndexFile {
    /// Where the last of its frames ends in the pack.
    pub end: u64,
    /// Length of all values, in bytes.
    pub raw: u64,
    /// Key and payload length of each frame.
    pub entries: Vec<(Key, u32)>,
}

/// Where the index file of a pack is.
pub(crate) fn path(pack: &Path) -> PathBuf {
    pack.with_extension("idx")
}

impl IndexFile {
    /// Reads the index file of a pack with this marker and length. None where there is none, or where it is not right: it holds
    /// nothing that the pack does not.
    pub fn read(pack: &Path, marker: &Marker, length: u64) -> Option<Self> {
        let file = File::open(path(pack)).ok()?;
        // Each entry is longer in the pack, so a longer file is wrong, and is not read.
        (file.metadata().ok()?.len() <= length + 64).then_some(())?;
        let mut bytes = Vec::new();
        file.take(length + 64).read_to_end(&mut bytes).ok()?;
        Self::parse(&bytes, marker).filter(|index| index.end <= length)
    }

    /// Writes the index file of a pack. An index file is a help only: whoever calls this may ignore that it failed.
    pub fn write(&self, pack: &Path, marker: &Marker) -> Result<(), LedgerError> {
        let (path, Some(dir)) = (path(pack), pack.parent()) else { return Ok(()) };
        let mut temp = Temp::create(dir)?;
        temp.file.write_all_at(&self.bytes(marker), 0).map_err(LedgerError::io("write", &path))?;
        temp.publish(&path.file_name().unwrap_or_default().to_string_lossy())
    }

    /// Removes the index file of a pack.
    pub fn remove(pack: &Path) {
        let _there_may_be_none = fs::remove_file(path(pack));
    }

    fn bytes(&self, marker: &Marker) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.entries.len() * ENTRY + 36);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(marker);
        bytes.extend_from_slice(&self.end.to_le_bytes());
        bytes.extend_from_slice(&self.raw.to_le_bytes());
        for (key, stored) in &self.entries {
            bytes.extend_from_slice(key.as_bytes());
            bytes.extend_from_slice(&stored.to_le_bytes());
        }
        seal(&mut bytes);
        bytes
    }

    fn parse(bytes: &[u8], marker: &Marker) -> Option<Self> {
        let mut rest = unseal(bytes)?;
        if take(&mut rest)? != MAGIC || take(&mut rest)? != *marker {
            return None;
        }
        let end = u64::from_le_bytes(take(&mut rest)?);
        let raw = u64::from_le_bytes(take(&mut rest)?);
        let mut entries = Vec::with_capacity(rest.len() / ENTRY);
        let mut sum = PACK_HEADER as u64;
        while !rest.is_empty() {
            let key = Key::from_bytes(take(&mut rest)?);
            let stored = u32::from_le_bytes(take(&mut rest)?);
            (1 <= stored && stored as usize <= MAX_VALUE).then_some(())?;
            sum = sum.checked_add(size(stored))?;
            entries.push((key, stored));
        }
        (sum == end).then_some(Self { end, raw, entries })
    }
}

/// What is gone of a pack of which `length` bytes were looked at, and whose whole frames end at `end`, by what its index file knew.
/// None where that is nothing, where there is no index file that is right and of this pack, and where the pack has grown since.
/// However long the file is, it is read in small pieces.
pub(crate) fn gone(pack: &Path, file: &File, end: u64, length: u64) -> Option<Damage> {
    let index = File::open(path(pack)).ok()?;
    let count = index.metadata().ok()?.len().checked_sub((HEAD + CHECKSUM) as u64)? / ENTRY as u64;
    let mut index = BufReader::new(index);
    let mut head = [0; HEAD];
    index.read_exact(&mut head).ok()?;
    let mut rest = &head[..];
    let (magic, marker): (_, Marker) = (take(&mut rest)?, take(&mut rest)?);
    let known = u64::from_le_bytes(take(&mut rest)?);
    // An index file is written after its pack: asked in the other order, what another program adds now would seem gone.
    let same = file.metadata().ok()?.len() == length;
    (magic == MAGIC && end < known && same && is_of(file, length, &marker)).then_some(())?;
    let mut digest = crc32fast::Hasher::new();
    digest.update(&head);
    let (mut sum, mut entries) = (PACK_HEADER as u64, 0);
    for _ in 0..count {
        let mut entry = [0; ENTRY];
        index.read_exact(&mut entry).ok()?;
        digest.update(&entry);
        sum = sum.checked_add(size(u32::from_le_bytes(*entry.last_chunk()?)))?;
        entries += u64::from(end < sum);
    }
    let mut checksum = [0; CHECKSUM];
    index.read_exact(&mut checksum).ok()?;
    let right = sum == known && digest.finalize() == u32::from_le_bytes(checksum);
    let fault = Fault::Shortened { entries };
    right.then(|| Damage { pack: pack.to_owned(), offset: end, bytes: known - end, key: None, fault })
}

/// Whether a pack of this length begins as one with this marker does, as far as it goes.
fn is_of(pack: &File, length: u64, marker: &Marker) -> bool {
    let mut header = PackHeader::bytes(marker);
    header.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    let mut there = vec![0; header.len()];
    pack.read_exact_at(&mut there, 0).is_ok() && there == header
}

const _: () = assert!(ENTRY < FRAME_HEADER, "an index file is shorter than its pack");
