//! Reads the frames of a pack in order, and continues after damage.

use std::fs::File;
use std::path::Path;

use crate::error::{Damage, Fault, LedgerError, TornTail};
use crate::format::{FRAME_HEADER, Frame, Marker, PACK_HEADER, PackHeader};
use crate::index_file;
use crate::window::{CHUNK, Window};

/// The next thing found in a pack.
pub(crate) enum Step {
    /// A complete frame with a valid header. Its payload was not checked.
    Frame(Frame),
    /// Bytes that are not a frame, or a missing end of the pack.
    Damage(Damage),
    /// An unfinished last frame.
    Torn(TornTail),
}

/// A scan of a pack up to the length that it has when the scan is created.
pub(crate) struct Scan<'a> {
    path: &'a Path,
    file: &'a File,
    window: Window<'a>,
    marker: Option<Marker>,
    offset: u64,
    length: u64,
    live: bool,
    ended: bool,
}

impl<'a> Scan<'a> {
    /// Scans from the beginning. `live` says that another process may be writing the pack.
    pub fn new(path: &'a Path, file: &'a File, live: bool) -> Result<Self, LedgerError> {
        Self::resume(path, file, live, None, 0)
    }

    /// Continues at the `offset` where another scan ended. `marker` is the pack's marker if it is known.
    pub fn resume(
        path: &'a Path,
        file: &'a File,
        live: bool,
        marker: Option<Marker>,
        offset: u64,
    ) -> Result<Self, LedgerError> {
        let length = file.metadata().map_err(LedgerError::io("read", path))?.len();
        Ok(Self { path, file, window: Window::new(file), marker, offset, length, live, ended: false })
    }

    /// The marker of the pack; `None` if it is not known yet or the header is damaged.
    pub fn marker(&self) -> Option<Marker> {
        self.marker
    }

    /// Length of the pack, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Position at which another scan can continue, in bytes: after the last complete frame, before a torn tail.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next step. `None` at the end of the pack and after a torn tail.
    pub fn step(&mut self) -> Result<Option<Step>, LedgerError> {
        if self.ended {
            return Ok(None);
        }
        if self.offset == 0
            && let Some(step) = self.read_header()?
        {
            return Ok(Some(step));
        }
        let Some(marker) = self.marker.filter(|_| self.offset < self.length) else { return Ok(self.finish()) };
        let header = self.window.at(self.offset, FRAME_HEADER).map_err(LedgerError::io("read", self.path))?;
        let Some(header) = header.first_chunk() else { return Ok(Some(self.torn_step())) };
        match Frame::parse(header, &marker, self.offset) {
            Some(frame) if frame.size() > self.length - self.offset => Ok(Some(self.torn_step())),
            Some(frame) => {
                self.offset += frame.size();
                Ok(Some(Step::Frame(frame)))
            }
            None => self.find_next(&marker).map(Some),
        }
    }

    /// The header and the payload of the frame that the last step returned.
    pub fn bytes(&mut self, frame: &Frame) -> Result<(&[u8], &[u8]), LedgerError> {
        let length = FRAME_HEADER + frame.stored as usize;
        let bytes = self.window.at(frame.offset, length).map_err(LedgerError::io("read", self.path))?;
        Ok(bytes.split_at_checked(FRAME_HEADER).unwrap_or_default())
    }

    /// The bytes of the pack's header.
    pub fn header_bytes(&mut self) -> Result<&[u8], LedgerError> {
        self.window.at(0, PACK_HEADER).map_err(LedgerError::io("read", self.path))
    }

    /// The damage of a whole frame.
    pub fn damage(&self, frame: &Frame, fault: Fault) -> Damage {
        let (pack, key) = (self.path.to_owned(), Some(frame.key));
        Damage { pack, offset: frame.offset, bytes: frame.size(), key, fault }
    }

    /// Reads the header of the pack. `None` if it is valid.
    fn read_header(&mut self) -> Result<Option<Step>, LedgerError> {
        let start = self.window.at(0, PACK_HEADER + FRAME_HEADER).map_err(LedgerError::io("read", self.path))?;
        let Some((header, first)) = start.split_first_chunk() else {
            let torn = self.live || PackHeader::begins_with(start);
            return Ok(Some(if torn { self.torn_step() } else { self.damage_step(self.length, Fault::PackHeader) }));
        };
        match PackHeader::parse(header) {
            PackHeader::OtherVersion(found) => return Err(LedgerError::Version { path: self.path.to_owned(), found }),
            PackHeader::Marker(marker) => {
                (self.marker, self.offset) = (Some(marker), PACK_HEADER as u64);
                return Ok(None);
            }
            PackHeader::Damaged => {}
        }
        // The first frame contains the marker too, and has a checksum of its own.
        self.marker = first.first_chunk::<FRAME_HEADER>().and_then(|first| {
            let marker = first.first_chunk()?;
            Frame::parse(first, marker, PACK_HEADER as u64).map(|_| *marker)
        });
        if self.marker.is_none() && self.live {
            return Ok(Some(self.torn_step()));
        }
        let bytes = if self.marker.is_some() { PACK_HEADER as u64 } else { self.length };
        Ok(Some(self.damage_step(bytes, Fault::PackHeader)))
    }

    /// Searches for the next frame after a position at which there should be one but is none.
    fn find_next(&mut self, marker: &Marker) -> Result<Step, LedgerError> {
        let mut all_zero = true;
        let mut from = self.offset;
        while from < self.length {
            let left = usize::try_from(self.length - from).unwrap_or(usize::MAX);
            // At most one chunk, so that the window moves in whole chunks.
            let bytes = self.window.at(from, left.min(CHUNK)).map_err(LedgerError::io("read", self.path))?;
            if bytes.is_empty() {
                break;
            }
            let found = (0_u64..).zip(bytes.windows(FRAME_HEADER)).find_map(|(index, header)| {
                let header = header.first_chunk().filter(|header| header.starts_with(marker))?;
                Frame::parse(header, marker, from + index)
            });
            all_zero &= bytes.iter().all(|&byte| byte == 0);
            if let Some(frame) = found {
                return Ok(self.damage_step(frame.offset - self.offset, Fault::Header));
            }
            // Overlaps the next chunk, because a header may begin in this chunk and end in the next.
            let searched = bytes.len().saturating_sub(FRAME_HEADER - 1).max(1);
            from += searched as u64;
        }
        // After a power failure, some file systems leave zeros in place of data that was not yet written. While a pack is being
        // written, what looks like damage at its end may be a partly written frame.
        if all_zero || self.live {
            return Ok(self.torn_step());
        }
        Ok(self.damage_step(self.length - self.offset, Fault::Header))
    }

    /// Ends the scan. Returns damage if the index file lists more than was found.
    fn finish(&mut self) -> Option<Step> {
        self.ended = true;
        index_file::missing_end(self.path, self.file, self.offset, self.length).map(Step::Damage)
    }

    /// Ends the scan with a torn tail, or with damage if the index file lists more than was found.
    fn torn_step(&mut self) -> Step {
        let (pack, offset, bytes) = (self.path.to_owned(), self.offset, self.length - self.offset);
        self.finish().unwrap_or(Step::Torn(TornTail { pack, offset, bytes }))
    }

    /// Skips damaged bytes at the current position.
    fn damage_step(&mut self, bytes: u64, fault: Fault) -> Step {
        let (pack, offset) = (self.path.to_owned(), self.offset);
        self.offset += bytes;
        Step::Damage(Damage { pack, offset, bytes, key: None, fault })
    }
}
