//! What is known of a pack that is read.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Key;
use crate::dir;
use crate::error::{Damage, Fault, LedgerError, TornTail};
use crate::format::{Frame, PACK_HEADER, PackHeader, size};
use crate::index_file::IndexFile;
use crate::scan::{Scan, Step};
use crate::source::{Source, Spot};

/// A pack, as far as it has been read.
#[derive(Clone)]
pub(crate) struct Pack {
    pub source: Source,
    /// Up to where it has been read.
    pub end: u64,
    /// How many frames that were.
    pub frames: u64,
    /// Length of their values, in bytes.
    pub raw: u64,
    pub torn: Option<TornTail>,
    pub damage: Vec<Damage>,
}

/// Entries in the order in which they stand in a pack.
pub(crate) type Spots = Vec<(Key, Spot)>;

impl Pack {
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// A pack of which nothing has been read.
    pub fn unread(path: &Path) -> Self {
        let source = Source { path: Arc::from(path), marker: None, file: None };
        Self { source, end: 0, frames: 0, raw: 0, torn: None, damage: Vec::new() }
    }

    /// Reads a pack from its front, with its index file where that is right. Where it is not, and the pack is closed and whole,
    /// `index` says to write one.
    pub fn load(path: &Path, keep_open: bool, index: bool) -> Result<(Self, Spots), LedgerError> {
        let file = Arc::new(dir::open(path)?);
        let live = dir::is_live(&file);
        let mut pack = Self::unread(path);
        let mut spots = pack.read_index_file(&file)?;
        let indexed = spots.len();
        pack.advance_in(&file, live, &mut spots)?;
        if index && !live && spots.len() > indexed {
            // Without it the next opening takes longer, and that is all.
            let _written_or_not = pack.write_index_file(&spots);
        }
        pack.source.file = keep_open.then_some(file);
        Ok((pack, spots))
    }

    /// Reads what was appended since.
    pub fn advance(&mut self) -> Result<Spots, LedgerError> {
        // By its name, so that it is noticed when it was removed.
        let file = dir::open(self.path())?;
        let mut spots = Spots::new();
        self.advance_in(&file, dir::is_live(&file), &mut spots)?;
        Ok(spots)
    }

    fn advance_in(&mut self, file: &File, live: bool, spots: &mut Spots) -> Result<(), LedgerError> {
        let path = Arc::clone(&self.source.path);
        let mut scan = Scan::resume(&path, file, live, self.source.marker, self.end)?;
        self.torn = None;
        // Told anew where it is still so.
        self.damage.retain(|damage| !matches!(damage.fault, Fault::Shortened { .. }));
        while let Some(step) = scan.step()? {
            match step {
                Step::Frame(frame) => {
                    self.count(&frame);
                    spots.push((frame.key, Spot { offset: frame.offset, stored: frame.stored }));
                }
                Step::Damage(damage) => self.damage.push(damage),
                Step::Torn(tail) => self.torn = Some(tail),
            }
        }
        (self.source.marker, self.end) = (scan.marker(), scan.offset());
        Ok(())
    }

    /// Counts a frame that is its last.
    pub fn count(&mut self, frame: &Frame) {
        self.frames += 1;
        self.raw += u64::from(frame.raw);
        self.end = frame.offset + frame.size();
    }

    fn read_index_file(&mut self, file: &File) -> Result<Spots, LedgerError> {
        let length = file.metadata().map_err(LedgerError::io("read", self.path()))?.len();
        let mut header = [0; PACK_HEADER];
        // Of a pack whose header is not right, nothing else is believed; the scan that follows says what is wrong.
        let PackHeader::Marker(marker) =
            file.read_exact_at(&mut header, 0).map_or(PackHeader::Damaged, |()| PackHeader::parse(&header))
        else {
            return Ok(Spots::new());
        };
        let Some(index) = IndexFile::read(self.path(), &marker, length) else { return Ok(Spots::new()) };
        self.source.marker = Some(marker);
        let mut offset = PACK_HEADER as u64;
        let spots: Spots = index
            .entries
            .into_iter()
            .map(|(key, stored)| {
                let spot = Spot { offset, stored };
                offset += size(stored);
                (key, spot)
            })
            .collect();
        (self.end, self.raw, self.frames) = (index.end, index.raw, spots.len() as u64);
        Ok(spots)
    }

    /// Writes the index file of a pack that is no longer written. Of one with damage none is written: the damage would be told
    /// by the first opening only.
    pub fn write_index_file(&self, spots: &[(Key, Spot)]) -> Result<(), LedgerError> {
        let Some(marker) = self.source.marker.filter(|_| self.damage.is_empty()) else { return Ok(()) };
        let entries = spots.iter().map(|(key, spot)| (*key, spot.stored)).collect();
        IndexFile { end: self.end, raw: self.raw, entries }.write(self.path(), &marker)
    }
}
