//! A buffered view of a file that is read from front to back.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The least number of bytes that are read at once.
pub(crate) const CHUNK: usize = 256 << 10;

/// A buffered part of a file. Positions may be skipped; skipped bytes are not read, except within a chunk.
pub(crate) struct Window<'a> {
    file: &'a File,
    start: u64,
    filled: usize,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    pub fn new(file: &'a File) -> Self {
        Self { file, start: 0, filled: 0, bytes: Vec::new() }
    }

    /// The `length` bytes at `offset`; fewer only at the end of the file.
    pub fn at(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        if !self.holds(offset, length) {
            self.fill(offset, length)?;
        }
        let from = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.filled);
        let to = from.saturating_add(length).min(self.filled);
        Ok(self.bytes.get(from..to).unwrap_or_default())
    }

    fn holds(&self, offset: u64, length: usize) -> bool {
        let end = self.start + self.filled as u64;
        self.start <= offset && offset.checked_add(length as u64).is_some_and(|wanted| wanted <= end)
    }

    fn fill(&mut self, offset: u64, length: usize) -> io::Result<()> {
        let wanted = length.max(CHUNK);
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        (self.start, self.filled) = (offset, 0);
        while let Some(room) = self.bytes.get_mut(self.filled..wanted).filter(|room| !room.is_empty()) {
            match self.file.read_at(room, offset + self.filled as u64) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
