//! The index file of a pack. It lists the pack's entries, so that opening a ledger need not read the packs.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::Key;
use crate::error::{Damage, Fault, LedgerError};
use crate::format::{
    FRAME_HEADER, MAX_VALUE, Marker, PACK_HEADER, PackHeader, append_checksum, size, strip_checksum, take,
};
use crate::temp::TempFile;

/// The first bytes of an index file. A file that begins otherwise is rewritten, so versions need no further handling.
const MAGIC: [u8; 8] = *b"rescidx1";
/// Length of the header before the entries: the magic, the marker, and two lengths.
const HEADER: usize = 32;
/// Length of the checksum after the entries, in bytes.
const CHECKSUM: usize = 4;
/// Length of an entry in bytes: its key and the length of its payload.
const ENTRY: usize = Key::BYTES + 4;

/// The content of an index file: the frames of an undamaged pack, from its beginning and without gaps.
pub(crate) struct IndexFile {
    /// Position in the pack at which the last listed frame ends.
    pub end: u64,
    /// Total length of the values, in bytes.
    pub raw: u64,
    /// Key and payload length of each frame.
    pub entries: Vec<(Key, u32)>,
}

/// The path of the index file of a pack.
pub(crate) fn path(pack: &Path) -> PathBuf {
    pack.with_extension("idx")
}

impl IndexFile {
    /// Reads the index file of a pack with this marker and length. `None` if it does not exist or does not fit the pack; then the
    /// pack itself is read.
    pub fn read(pack: &Path, marker: &Marker, length: u64) -> Option<Self> {
        let file = File::open(path(pack)).ok()?;
        // A valid index file is shorter than its pack, so a longer one is not read.
        (file.metadata().ok()?.len() <= length + 64).then_some(())?;
        let mut bytes = Vec::new();
        file.take(length + 64).read_to_end(&mut bytes).ok()?;
        Self::parse(&bytes, marker).filter(|index| index.end <= length)
    }

    /// Writes the index file of a pack. Callers may ignore an error, because an index file only saves time.
    pub fn write(&self, pack: &Path, marker: &Marker) -> Result<(), LedgerError> {
        let (path, Some(dir)) = (path(pack), pack.parent()) else { return Ok(()) };
        let mut temp = TempFile::create(dir)?;
        temp.file.write_all_at(&self.bytes(marker), 0).map_err(LedgerError::io("write", &path))?;
        temp.publish(&path.file_name().unwrap_or_default().to_string_lossy())
    }

    /// Removes the index file of a pack.
    pub fn remove(pack: &Path) {
        let _may_not_exist = fs::remove_file(path(pack));
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
        append_checksum(&mut bytes);
        bytes
    }

    fn parse(bytes: &[u8], marker: &Marker) -> Option<Self> {
        let mut rest = strip_checksum(bytes)?;
        if take(&mut rest)? != MAGIC || take(&mut rest)? != *marker {
            return None;
        }
        let end = u64::from_le_bytes(take(&mut rest)?);
        let raw = u64::from_le_bytes(take(&mut rest)?);
        let mut entries = Vec::with_capacity(rest.len() / ENTRY);
        let mut expected_end = PACK_HEADER as u64;
        while !rest.is_empty() {
            let key = Key::from_bytes(take(&mut rest)?);
            let stored = u32::from_le_bytes(take(&mut rest)?);
            (1 <= stored && stored as usize <= MAX_VALUE).then_some(())?;
            expected_end = expected_end.checked_add(size(stored))?;
            entries.push((key, stored));
        }
        (expected_end == end).then_some(Self { end, raw, entries })
    }
}

/// The missing end of a pack, according to its index file. `length` is the number of bytes of the pack that were read, `end` is
/// the position where its complete frames end. `None` if nothing is missing, if there is no valid index file for this pack, or if
/// the pack has grown since. The index file is read in small pieces, however long it is.
pub(crate) fn missing_end(pack: &Path, file: &File, end: u64, length: u64) -> Option<Damage> {
    let index = File::open(path(pack)).ok()?;
    let count = index.metadata().ok()?.len().checked_sub((HEADER + CHECKSUM) as u64)? / ENTRY as u64;
    let mut index = BufReader::new(index);
    let mut header = [0; HEADER];
    index.read_exact(&mut header).ok()?;
    let mut rest = &header[..];
    let (magic, marker): (_, Marker) = (take(&mut rest)?, take(&mut rest)?);
    let listed_end = u64::from_le_bytes(take(&mut rest)?);
    // The index file was opened first, and is always written after its pack. In the other order, entries that another process
    // adds meanwhile would seem to be missing.
    let same = file.metadata().ok()?.len() == length;
    (magic == MAGIC && end < listed_end && same && has_marker(file, length, &marker)).then_some(())?;
    let mut digest = crc32fast::Hasher::new();
    digest.update(&header);
    let (mut expected_end, mut entries) = (PACK_HEADER as u64, 0);
    for _ in 0..count {
        let mut entry = [0; ENTRY];
        index.read_exact(&mut entry).ok()?;
        digest.update(&entry);
        expected_end = expected_end.checked_add(size(u32::from_le_bytes(*entry.last_chunk()?)))?;
        entries += u64::from(end < expected_end);
    }
    let mut checksum = [0; CHECKSUM];
    index.read_exact(&mut checksum).ok()?;
    let valid = expected_end == listed_end && digest.finalize() == u32::from_le_bytes(checksum);
    let fault = Fault::Shortened { entries };
    valid.then(|| Damage { pack: pack.to_owned(), offset: end, bytes: listed_end - end, key: None, fault })
}

/// Whether a pack has this marker in its header. Only the first `length` bytes are compared if the header is cut off there.
fn has_marker(pack: &File, length: u64, marker: &Marker) -> bool {
    let mut header = PackHeader::bytes(marker);
    header.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    let mut found = vec![0; header.len()];
    pack.read_exact_at(&mut found, 0).is_ok() && found == header
}

const _: () = assert!(ENTRY < FRAME_HEADER, "an index file must be shorter than its pack");
