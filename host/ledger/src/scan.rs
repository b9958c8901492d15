//! A pack, frame after frame, past whatever is damaged.

use std::fs::File;
use std::path::Path;

use crate::error::{Damage, Fault, LedgerError, TornTail};
use crate::format::{FRAME_HEADER, Frame, Marker, PACK_HEADER, PackHeader};
use crate::index_file;
use crate::window::{CHUNK, Window};

/// What comes next in a pack.
pub(crate) enum Step {
    /// A frame whose header is unharmed and that ends before the pack does. Its payload was not looked at.
    Frame(Frame),
    /// Bytes that are no frame, behind which it goes on; or an end that is gone.
    Damage(Damage),
    /// A last frame that was not written to its end.
    Torn(TornTail),
}

/// Reads a pack up to the length that it has when this is made.
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
    /// Reads from the front. `live`: another program may be writing it.
    pub fn new(path: &'a Path, file: &'a File, live: bool) -> Result<Self, LedgerError> {
        Self::resume(path, file, live, None, 0)
    }

    /// Goes on where another scan ended.
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

    /// What its frames begin with, as far as that is known.
    pub fn marker(&self) -> Option<Marker> {
        self.marker
    }

    /// Length of the pack, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Where another scan can go on: behind the last frame, before a torn tail.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next step; none at the end of the pack, and none after a torn tail.
    pub fn step(&mut self) -> Result<Option<Step>, LedgerError> {
        if self.ended {
            return Ok(None);
        }
        if self.offset == 0
            && let Some(step) = self.header()?
        {
            return Ok(Some(step));
        }
        let Some(marker) = self.marker.filter(|_| self.offset < self.length) else { return Ok(self.end()) };
        let header = self.window.at(self.offset, FRAME_HEADER).map_err(LedgerError::io("read", self.path))?;
        let Some(header) = header.first_chunk() else { return Ok(Some(self.torn())) };
        match Frame::parse(header, &marker, self.offset) {
            Some(frame) if frame.size() > self.length - self.offset => Ok(Some(self.torn())),
            Some(frame) => {
                self.offset += frame.size();
                Ok(Some(Step::Frame(frame)))
            }
            None => self.find_next(&marker).map(Some),
        }
    }

    /// All of a frame that the last step gave: its header, and its payload.
    pub fn bytes(&mut self, frame: &Frame) -> Result<(&[u8], &[u8]), LedgerError> {
        let length = FRAME_HEADER + frame.stored as usize;
        let bytes = self.window.at(frame.offset, length).map_err(LedgerError::io("read", self.path))?;
        Ok(bytes.split_at_checked(FRAME_HEADER).unwrap_or_default())
    }

    /// The header of the pack.
    pub fn header_bytes(&mut self) -> Result<&[u8], LedgerError> {
        self.window.at(0, PACK_HEADER).map_err(LedgerError::io("read", self.path))
    }

    /// What is wrong with a frame, by its name.
    pub fn damage(&self, frame: &Frame, fault: Fault) -> Damage {
        let (pack, key) = (self.path.to_owned(), Some(frame.key));
        Damage { pack, offset: frame.offset, bytes: frame.size(), key, fault }
    }

    fn header(&mut self) -> Result<Option<Step>, LedgerError> {
        let start = self.window.at(0, PACK_HEADER + FRAME_HEADER).map_err(LedgerError::io("read", self.path))?;
        let Some((header, first)) = start.split_first_chunk() else {
            let torn = self.live || PackHeader::begins_with(start);
            return Ok(Some(if torn { self.torn() } else { self.lost(self.length, Fault::PackHeader) }));
        };
        match PackHeader::parse(header) {
            PackHeader::OtherVersion(found) => return Err(LedgerError::Version { path: self.path.to_owned(), found }),
            PackHeader::Marker(marker) => {
                (self.marker, self.offset) = (Some(marker), PACK_HEADER as u64);
                return Ok(None);
            }
            PackHeader::Damaged => {}
        }
        // The first frame tells the marker too, and its own checksum says whether it can be believed.
        self.marker = first.first_chunk::<FRAME_HEADER>().and_then(|first| {
            let marker = first.first_chunk()?;
            Frame::parse(first, marker, PACK_HEADER as u64).map(|_| *marker)
        });
        if self.marker.is_none() && self.live {
            return Ok(Some(self.torn()));
        }
        let bytes = if self.marker.is_some() { PACK_HEADER as u64 } else { self.length };
        Ok(Some(self.lost(bytes, Fault::PackHeader)))
    }

    /// Looks for the next frame behind a place where there should be one.
    fn find_next(&mut self, marker: &Marker) -> Result<Step, LedgerError> {
        let mut all_zero = true;
        let mut from = self.offset;
        while from < self.length {
            let left = usize::try_from(self.length - from).unwrap_or(usize::MAX);
            // Never more than a chunk, so that the window moves in whole chunks.
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
                return Ok(self.lost(frame.offset - self.offset, Fault::Header));
            }
            // A header may begin in this chunk and end in the next.
            let searched = bytes.len().saturating_sub(FRAME_HEADER - 1).max(1);
            from += searched as u64;
        }
        // Where power is lost, some file systems leave zeros for what was not yet written. While a pack is being written, what
        // looks like damage at its end may be a frame of which a part has arrived.
        if all_zero || self.live {
            return Ok(self.torn());
        }
        Ok(self.lost(self.length - self.offset, Fault::Header))
    }

    /// The end, whole or not: damage where the index file knew more.
    fn end(&mut self) -> Option<Step> {
        self.ended = true;
        index_file::gone(self.path, self.file, self.offset, self.length).map(Step::Damage)
    }

    fn torn(&mut self) -> Step {
        let (pack, offset, bytes) = (self.path.to_owned(), self.offset, self.length - self.offset);
        self.end().unwrap_or(Step::Torn(TornTail { pack, offset, bytes }))
    }

    fn lost(&mut self, bytes: u64, fault: Fault) -> Step {
        let (pack, offset) = (self.path.to_owned(), self.offset);
        self.offset += bytes;
        Step::Damage(Damage { pack, offset, bytes, key: None, fault })
    }
}
