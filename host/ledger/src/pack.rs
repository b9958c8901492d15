//! Reads which entries a pack holds.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Key;
use crate::dir;
use crate::error::{Damage, Fault, LedgerError, TornTail};
use crate::format::{Frame, PACK_HEADER, PackHeader, size};
use crate::index_file::IndexFile;
use crate::pack_reader::{Location, PackReader};
use crate::scan::{Scan, Step};

/// What is known of a pack, as far as it has been read.
#[derive(Clone)]
pub(crate) struct Pack {
    pub reader: PackReader,
    /// Position up to which the pack has been read, in bytes.
    pub end: u64,
    /// Number of frames up to there.
    pub frames: u64,
    /// Total length of their values, in bytes.
    pub raw: u64,
    pub torn: Option<TornTail>,
    pub damage: Vec<Damage>,
}

/// Keys and locations of entries, in the order of the pack.
pub(crate) type Locations = Vec<(Key, Location)>;

impl Pack {
    pub fn path(&self) -> &Path {
        &self.reader.path
    }

    /// A pack of which nothing has been read.
    pub fn unread(path: &Path) -> Self {
        let reader = PackReader { path: Arc::from(path), marker: None, file: None };
        Self { reader, end: 0, frames: 0, raw: 0, torn: None, damage: Vec::new() }
    }

    /// Reads a pack from its beginning, using its index file if that is valid. If the index file lacks entries and the pack is
    /// closed and undamaged, a new one is written, provided that `write_index` is set.
    pub fn load(path: &Path, keep_open: bool, write_index: bool) -> Result<(Self, Locations), LedgerError> {
        let file = Arc::new(dir::open(path)?);
        let live = dir::is_live(&file);
        let mut pack = Self::unread(path);
        let mut locations = pack.read_index_file(&file)?;
        let indexed = locations.len();
        pack.read_appended_from(&file, live, &mut locations)?;
        if write_index && !live && locations.len() > indexed {
            // Without an index file the next opening only takes longer.
            let _may_fail = pack.write_index_file(&locations);
        }
        pack.reader.file = keep_open.then_some(file);
        Ok((pack, locations))
    }

    /// Reads the frames that were appended since the last read. Returns their entries.
    pub fn read_appended(&mut self) -> Result<Locations, LedgerError> {
        // Opened by name, so that a removed pack is noticed.
        let file = dir::open(self.path())?;
        let mut locations = Locations::new();
        self.read_appended_from(&file, dir::is_live(&file), &mut locations)?;
        Ok(locations)
    }

    fn read_appended_from(&mut self, file: &File, live: bool, locations: &mut Locations) -> Result<(), LedgerError> {
        let path = Arc::clone(&self.reader.path);
        let mut scan = Scan::resume(&path, file, live, self.reader.marker, self.end)?;
        self.torn = None;
        // The scan reports this again if it is still true.
        self.damage.retain(|damage| !matches!(damage.fault, Fault::Shortened { .. }));
        while let Some(step) = scan.step()? {
            match step {
                Step::Frame(frame) => {
                    self.count(&frame);
                    locations.push((frame.key, Location { offset: frame.offset, stored: frame.stored }));
                }
                Step::Damage(damage) => self.damage.push(damage),
                Step::Torn(tail) => self.torn = Some(tail),
            }
        }
        (self.reader.marker, self.end) = (scan.marker(), scan.offset());
        Ok(())
    }

    /// Adds the next frame to the counts.
    pub fn count(&mut self, frame: &Frame) {
        self.frames += 1;
        self.raw += u64::from(frame.raw);
        self.end = frame.offset + frame.size();
    }

    /// The entries that the pack's index file lists; empty if there is no valid one.
    fn read_index_file(&mut self, file: &File) -> Result<Locations, LedgerError> {
        let length = file.metadata().map_err(LedgerError::io("read", self.path()))?.len();
        let mut header = [0; PACK_HEADER];
        // With a damaged header, the index file is ignored. The scan that follows reports the damage.
        let PackHeader::Marker(marker) =
            file.read_exact_at(&mut header, 0).map_or(PackHeader::Damaged, |()| PackHeader::parse(&header))
        else {
            return Ok(Locations::new());
        };
        let Some(index) = IndexFile::read(self.path(), &marker, length) else { return Ok(Locations::new()) };
        self.reader.marker = Some(marker);
        let mut offset = PACK_HEADER as u64;
        let locations: Locations = index
            .entries
            .into_iter()
            .map(|(key, stored)| {
                let location = Location { offset, stored };
                offset += size(stored);
                (key, location)
            })
            .collect();
        (self.end, self.raw, self.frames) = (index.end, index.raw, locations.len() as u64);
        Ok(locations)
    }

    /// Writes the index file of a pack that is no longer being written. A damaged pack gets none, because later openings would
    /// then skip the scan that reports the damage.
    pub fn write_index_file(&self, locations: &[(Key, Location)]) -> Result<(), LedgerError> {
        let Some(marker) = self.reader.marker.filter(|_| self.damage.is_empty()) else { return Ok(()) };
        let entries = locations.iter().map(|(key, location)| (*key, location.stored)).collect();
        IndexFile { end: self.end, raw: self.raw, entries }.write(self.path(), &marker)
    }
}
