//! The bytes of a pack; the table is in the crate's documentation.

use crate::Key;
use crate::codec;
use crate::error::Fault;

/// The most that a value may have, in bytes. The least is 1.
pub const MAX_VALUE: usize = 64 << 20;
/// The version of packs that is written, and the only one that is read.
pub const VERSION: u32 = 1;
/// Length of what stands before the first frame, in bytes.
pub(crate) const PACK_HEADER: usize = 28;
/// Length of what stands before a frame's payload, in bytes.
pub(crate) const FRAME_HEADER: usize = 56;
/// With this a pack begins, whatever its version.
const MAGIC: [u8; 8] = *b"rescpack";

/// The random bytes with which each frame of one pack begins. A value holds them by chance only, even one that was made to look
/// like a frame.
pub(crate) type Marker = [u8; 8];

/// What a pack begins with.
pub(crate) enum PackHeader {
    /// Its frames begin with this.
    Marker(Marker),
    /// It is a pack of a version that this program does not read.
    OtherVersion(u32),
    /// It is no header, or one that was damaged.
    Damaged,
}

impl PackHeader {
    pub fn bytes(marker: &Marker) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(PACK_HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        seal(&mut bytes);
        bytes.extend_from_slice(marker);
        seal(&mut bytes);
        bytes
    }

    pub fn parse(bytes: &[u8; PACK_HEADER]) -> Self {
        Self::parts(bytes).unwrap_or(Self::Damaged)
    }

    /// Whether these bytes, fewer than a header has, are the beginning of one: its writer may have been stopped there.
    pub fn begins_with(bytes: &[u8]) -> bool {
        let known = Self::bytes(&Marker::default());
        // Behind them is the marker, of which any is right.
        let fixed = known.len().min(16).min(bytes.len());
        known.get(..fixed) == bytes.get(..fixed)
    }

    /// The first 16 bytes are the same in every version, so that a flipped version is told from a future one.
    fn parts(bytes: &[u8]) -> Option<Self> {
        let mut rest = unseal(bytes.first_chunk::<16>()?)?;
        if take(&mut rest)? != MAGIC {
            return None;
        }
        let version = u32::from_le_bytes(take(&mut rest)?);
        if version != VERSION {
            return Some(Self::OtherVersion(version));
        }
        Some(Self::Marker(*unseal(bytes)?.last_chunk()?))
    }
}

/// An entry in a pack, without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub key: Key,
    /// Where it begins in its pack.
    pub offset: u64,
    /// Length of the payload, in bytes.
    pub stored: u32,
    /// Length of the value, in bytes. Where it is `stored`, the payload is the value; else the payload is its zstd form.
    pub raw: u32,
    /// CRC-32 of the payload.
    pub checksum: u32,
}

impl Frame {
    /// Its length with its header, in bytes.
    pub fn size(&self) -> u64 {
        size(self.stored)
    }

    /// The whole frame.
    pub fn bytes(&self, marker: &Marker, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_HEADER + payload.len());
        bytes.extend_from_slice(marker);
        bytes.extend_from_slice(self.key.as_bytes());
        bytes.extend_from_slice(&self.stored.to_le_bytes());
        bytes.extend_from_slice(&self.raw.to_le_bytes());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
        seal(&mut bytes);
        bytes.extend_from_slice(payload);
        bytes
    }

    /// The frame whose header these bytes are. None where they are no header of this pack, or one that was damaged.
    pub fn parse(header: &[u8; FRAME_HEADER], marker: &Marker, offset: u64) -> Option<Self> {
        if !header.starts_with(marker) {
            return None;
        }
        let mut rest = unseal(header)?.get(marker.len()..)?;
        let key = Key::from_bytes(take(&mut rest)?);
        let stored = u32::from_le_bytes(take(&mut rest)?);
        let raw = u32::from_le_bytes(take(&mut rest)?);
        let checksum = u32::from_le_bytes(take(&mut rest)?);
        let fits = 1 <= stored && stored <= raw && raw as usize <= MAX_VALUE;
        fits.then_some(Self { key, offset, stored, raw, checksum })
    }

    /// The value, of which this is the payload.
    pub fn value(&self, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        if payload.len() != self.stored as usize {
            return Err(Fault::Ended);
        }
        if crc32fast::hash(payload) != self.checksum {
            return Err(Fault::Payload);
        }
        if self.stored == self.raw { Ok(payload.to_vec()) } else { codec::unpack(payload, self.raw as usize) }
    }
}

/// Length of a frame whose payload has `stored` bytes.
pub(crate) fn size(stored: u32) -> u64 {
    FRAME_HEADER as u64 + u64::from(stored)
}

/// Appends the CRC-32 of all before it.
pub(crate) fn seal(bytes: &mut Vec<u8>) {
    let checksum = crc32fast::hash(bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// What was sealed, where it is unharmed.
pub(crate) fn unseal(bytes: &[u8]) -> Option<&[u8]> {
    let (sealed, checksum) = bytes.split_last_chunk()?;
    (crc32fast::hash(sealed) == u32::from_le_bytes(*checksum)).then_some(sealed)
}

/// The next `N` bytes.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pack with one entry as version 1 writes it; the checksums are those of Python's zlib. It must never change: old ledgers
    /// are read by it.
    #[test]
    fn golden_bytes() {
        let marker = *b"01234567";
        let key = Key::from_bytes([0xab; 32]);
        let frame = Frame { key, offset: 28, stored: 5, raw: 5, checksum: crc32fast::hash(b"hello") };
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(PackHeader::bytes(&marker)), "726573637061636b0100000088ea18b33031323334353637f3237733");
        let expected = format!("3031323334353637{}0500000005000000 86a61036 46ef84bb 68656c6c6f", "ab".repeat(32));
        assert_eq!(hex(frame.bytes(&marker, b"hello")), expected.replace(' ', ""));
    }

    #[test]
    fn lengths_that_no_value_has_make_no_frame() {
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
