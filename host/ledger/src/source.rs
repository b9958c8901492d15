//! Values, read from where they stand.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Key;
use crate::dir;
use crate::error::{Damage, Fault, LedgerError};
use crate::format::{FRAME_HEADER, Frame, Marker};

/// A pack to read values from.
#[derive(Clone)]
pub(crate) struct Source {
    pub path: Arc<Path>,
    /// What its frames begin with, where that is known.
    pub marker: Option<Marker>,
    /// The open file; none where too many are open.
    pub file: Option<Arc<File>>,
}

/// Where a frame is in its pack.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub offset: u64,
    /// Length of its payload, in bytes.
    pub stored: u32,
}

impl Source {
    /// The value of an entry that stands there. Whoever says so is not believed: the frame must have that key and be unharmed.
    pub fn value(&self, key: &Key, spot: Spot) -> Result<Vec<u8>, LedgerError> {
        let mut bytes = vec![0; FRAME_HEADER + spot.stored as usize];
        let read = match &self.file {
            Some(file) => file.read_exact_at(&mut bytes, spot.offset),
            None => dir::open(&self.path)?.read_exact_at(&mut bytes, spot.offset),
        };
        let value = match read {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Fault::Ended),
            Err(error) => return Err(LedgerError::io("read", &self.path)(error)),
            Ok(()) => self.parse(key, spot, &bytes),
        };
        value.map_err(|fault| {
            let (pack, key, bytes) = (self.path.to_path_buf(), Some(*key), bytes.len() as u64);
            LedgerError::Damaged(Damage { pack, offset: spot.offset, bytes, key, fault })
        })
    }

    fn parse(&self, key: &Key, spot: Spot, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let (header, payload) = bytes.split_first_chunk().ok_or(Fault::Ended)?;
        let marker = self.marker.ok_or(Fault::Header)?;
        let frame = Frame::parse(header, &marker, spot.offset).ok_or(Fault::Header)?;
        if frame.key == *key { frame.value(payload) } else { Err(Fault::OtherKey) }
    }
}
