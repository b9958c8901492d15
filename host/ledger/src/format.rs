//! Encodes and decodes the parts of a pack. The crate's documentation describes the format.

use crate::Key;
use crate::codec;
use crate::error::Fault;

/// The greatest length of a value, in bytes. The least is 1.
pub const MAX_VALUE: usize = 64 << 20;
/// The format version of packs that are written, and the only one that is read.
pub const VERSION: u32 = 1;
/// Length of the header before the first frame, in bytes.
pub(crate) const PACK_HEADER: usize = 28;
/// Length of the header before a frame's payload, in bytes.
pub(crate) const FRAME_HEADER: usize = 56;
/// The first bytes of a pack of any version.
const MAGIC: [u8; 8] = *b"rescpack";

/// The random bytes with which each frame of a pack begins. A value cannot be made to look like a frame, because its author does
/// not know them.
pub(crate) type Marker = [u8; 8];

/// The parsed header of a pack.
pub(crate) enum PackHeader {
    /// The header is valid; the pack's frames begin with this marker.
    Marker(Marker),
    /// The pack has this version, which this program does not read.
    OtherVersion(u32),
    /// The bytes are not a header, or a damaged one.
    Damaged,
}

impl PackHeader {
    pub fn bytes(marker: &Marker) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(PACK_HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        append_checksum(&mut bytes);
        bytes.extend_from_slice(marker);
        append_checksum(&mut bytes);
        bytes
    }

    pub fn parse(bytes: &[u8; PACK_HEADER]) -> Self {
        Self::parse_valid(bytes).unwrap_or(Self::Damaged)
    }

    /// Whether these bytes, fewer than a header has, are the beginning of one, as a writer that was stopped may leave it.
    pub fn begins_with(bytes: &[u8]) -> bool {
        let known = Self::bytes(&Marker::default());
        // The marker follows; any marker is valid.
        let fixed = known.len().min(16).min(bytes.len());
        known.get(..fixed) == bytes.get(..fixed)
    }

    /// `None` if the header is damaged. The first 16 bytes have the same layout in every version, with a checksum of their own,
    /// so that damage can be told from a later version.
    fn parse_valid(bytes: &[u8]) -> Option<Self> {
        let mut rest = strip_checksum(bytes.first_chunk::<16>()?)?;
        if take(&mut rest)? != MAGIC {
            return None;
        }
        let version = u32::from_le_bytes(take(&mut rest)?);
        if version != VERSION {
            return Some(Self::OtherVersion(version));
        }
        Some(Self::Marker(*strip_checksum(bytes)?.last_chunk()?))
    }
}

/// The header of an entry in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub key: Key,
    /// Position of the frame in the pack, in bytes.
    pub offset: u64,
    /// Length of the payload, in bytes.
    pub stored: u32,
    /// Length of the value, in bytes. If it equals `stored`, the payload is the value; else the payload is a zstd frame of it.
    pub raw: u32,
    /// CRC-32 of the payload.
    pub checksum: u32,
}

impl Frame {
    /// Length of the frame with its header, in bytes.
    pub fn size(&self) -> u64 {
        size(self.stored)
    }

    /// The encoded frame: its header and the payload.
    pub fn bytes(&self, marker: &Marker, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_HEADER + payload.len());
        bytes.extend_from_slice(marker);
        bytes.extend_from_slice(self.key.as_bytes());
        bytes.extend_from_slice(&self.stored.to_le_bytes());
        bytes.extend_from_slice(&self.raw.to_le_bytes());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
        append_checksum(&mut bytes);
        bytes.extend_from_slice(payload);
        bytes
    }

    /// Parses the header of a frame. `None` if the bytes are not a frame header of this pack, or a damaged one.
    pub fn parse(header: &[u8; FRAME_HEADER], marker: &Marker, offset: u64) -> Option<Self> {
        if !header.starts_with(marker) {
            return None;
        }
        let mut rest = strip_checksum(header)?.get(marker.len()..)?;
        let key = Key::from_bytes(take(&mut rest)?);
        let stored = u32::from_le_bytes(take(&mut rest)?);
        let raw = u32::from_le_bytes(take(&mut rest)?);
        let checksum = u32::from_le_bytes(take(&mut rest)?);
        let fits = 1 <= stored && stored <= raw && raw as usize <= MAX_VALUE;
        fits.then_some(Self { key, offset, stored, raw, checksum })
    }

    /// The value, given the payload of the frame. Fails if length or checksum of the payload is wrong.
    pub fn value(&self, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        if payload.len() != self.stored as usize {
            return Err(Fault::Ended);
        }
        if crc32fast::hash(payload) != self.checksum {
            return Err(Fault::Payload);
        }
        if self.stored == self.raw { Ok(payload.to_vec()) } else { codec::decompress(payload, self.raw as usize) }
    }
}

/// Length of a frame whose payload has `stored` bytes, in bytes.
pub(crate) fn size(stored: u32) -> u64 {
    FRAME_HEADER as u64 + u64::from(stored)
}

/// Appends the CRC-32 of the bytes.
pub(crate) fn append_checksum(bytes: &mut Vec<u8>) {
    let checksum = crc32fast::hash(bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// The bytes without the checksum at their end; `None` if it is wrong.
pub(crate) fn strip_checksum(bytes: &[u8]) -> Option<&[u8]> {
    let (sealed, checksum) = bytes.split_last_chunk()?;
    (crc32fast::hash(sealed) == u32::from_le_bytes(*checksum)).then_some(sealed)
}

/// Takes the next `N` bytes off the front; `None` if there are fewer.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pack with one entry in version 1, with checksums computed by Python's zlib. These bytes must never change, or old
    /// ledgers could not be read.
    #[test]
    fn version_1_has_these_bytes() {
        let marker = *b"01234567";
        let key = Key::from_bytes([0xab; 32]);
        let frame = Frame { key, offset: 28, stored: 5, raw: 5, checksum: crc32fast::hash(b"hello") };
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(PackHeader::bytes(&marker)), "726573637061636b0100000088ea18b33031323334353637f3237733");
        let expected = format!("3031323334353637{}0500000005000000 86a61036 46ef84bb 68656c6c6f", "ab".repeat(32));
        assert_eq!(hex(frame.bytes(&marker, b"hello")), expected.replace(' ', ""));
    }

    #[test]
    fn headers_with_impossible_lengths_are_not_frames() {
        let marker = [7; 8];
        let parse = |stored, raw| {
            let frame = Frame { key: Key::of(b""), offset: 0, stored, raw, checksum: 0 };
            Frame::parse(frame.bytes(&marker, &[]).first_chunk().unwrap(), &marker, 0) == Some(frame)
        };
        let most = MAX_VALUE as u32;
        assert!(parse(1, 1) && parse(most, most) && parse(1, most));
        assert!(!parse(0, 0) && !parse(0, 1) && !parse(2, 1) && !parse(most, most + 1) && !parse(u32::MAX, u32::MAX));
    }
}
