//! Reads values from a pack.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Key;
use crate::dir;
use crate::error::{Damage, Fault, LedgerError};
use crate::format::{FRAME_HEADER, Frame, Marker};

/// A pack from which values can be read.
#[derive(Clone)]
pub(crate) struct PackReader {
    pub path: Arc<Path>,
    /// The marker of the pack; `None` if its header could not be read.
    pub marker: Option<Marker>,
    /// The open file; `None` if too many are open, and it is opened for each read.
    pub file: Option<Arc<File>>,
}

/// The location of a frame in its pack.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    /// Position of the frame, in bytes.
    pub offset: u64,
    /// Length of the payload, in bytes.
    pub stored: u32,
}

impl PackReader {
    /// The value of the entry at a location. Fails if the frame there is damaged or has another key.
    pub fn value(&self, key: &Key, location: Location) -> Result<Vec<u8>, LedgerError> {
        let mut bytes = vec![0; FRAME_HEADER + location.stored as usize];
        let read = match &self.file {
            Some(file) => file.read_exact_at(&mut bytes, location.offset),
            None => dir::open(&self.path)?.read_exact_at(&mut bytes, location.offset),
        };
        let value = match read {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Fault::Ended),
            Err(error) => return Err(LedgerError::io("read", &self.path)(error)),
            Ok(()) => self.parse(key, location, &bytes),
        };
        value.map_err(|fault| {
            let (pack, key, bytes) = (self.path.to_path_buf(), Some(*key), bytes.len() as u64);
            LedgerError::Damaged(Damage { pack, offset: location.offset, bytes, key, fault })
        })
    }

    fn parse(&self, key: &Key, location: Location, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let (header, payload) = bytes.split_first_chunk().ok_or(Fault::Ended)?;
        let marker = self.marker.ok_or(Fault::Header)?;
        let frame = Frame::parse(header, &marker, location.offset).ok_or(Fault::Header)?;
        if frame.key == *key { frame.value(payload) } else { Err(Fault::OtherKey) }
    }
}
