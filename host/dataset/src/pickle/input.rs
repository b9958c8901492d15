//! The bytes of a pickle, and the position in them.

use std::num::{IntErrorKind, ParseIntError};

use super::{INTEGER, Limits, PickleError};

/// Reads the parts of which instructions consist. Nothing is allocated.
pub(super) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The offset of the last instruction.
    pub(super) start: usize,
    pub(super) limits: Limits,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, at: 0, start: 0, limits }
    }

    /// The next instruction.
    pub(super) fn instruction(&mut self) -> Result<u8, PickleError> {
        self.start = self.at;
        Ok(self.number(1)? as u8)
    }

    /// The next bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], PickleError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..count).ok_or(PickleError::Truncated { offset: self.start, length: self.bytes.len() })?;
        self.at += count;
        Ok(taken)
    }

    /// An unsigned number of up to 8 bytes, the lowest first.
    pub(super) fn number(&mut self, width: usize) -> Result<u64, PickleError> {
        Ok(self.take(width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The bytes behind their number, which takes `width` bytes.
    pub(super) fn counted(&mut self, width: usize) -> Result<&'a [u8], PickleError> {
        let count = usize::try_from(self.number(width)?).unwrap_or(usize::MAX);
        if count > self.limits.text { Err(self.too_long()) } else { self.take(count) }
    }

    /// A signed integer behind the number of its bytes, which takes `width` bytes. Without a byte it is 0.
    pub(super) fn long(&mut self, width: usize) -> Result<i64, PickleError> {
        let count = self.number(width)?;
        if count > INTEGER as u64 {
            return Err(self.limit("bytes in one integer", INTEGER));
        }
        let bytes = self.take(count as usize)?;
        let sign = if bytes.last().is_some_and(|highest| *highest >= 0x80) { -1 } else { 0 };
        Ok(bytes.iter().rev().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
    }

    /// The bytes up to the end of the line, which is skipped.
    pub(super) fn line(&mut self) -> Result<&'a [u8], PickleError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.iter().take(self.limits.text + 1).position(|byte| *byte == b'\n') {
            Some(length) => Ok(self.take(length + 1)?.split_last().map(|(_, line)| line).unwrap_or_default()),
            None if rest.len() > self.limits.text => Err(self.too_long()),
            None => Err(PickleError::Truncated { offset: self.start, length: self.bytes.len() }),
        }
    }

    /// The decimal integer of a line. Python 2 writes `5L` for a long.
    pub(super) fn decimal(&self, line: &[u8]) -> Result<i64, PickleError> {
        let digits = str::from_utf8(line.strip_suffix(b"L").unwrap_or(line)).unwrap_or_default();
        digits.parse().map_err(|error: ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => self.limit("bytes in one integer", INTEGER),
            _ => self.damaged("an integer is not one"),
        })
    }

    pub(super) fn damaged(&self, why: &'static str) -> PickleError {
        PickleError::Damaged { why, offset: self.start }
    }

    pub(super) fn limit(&self, what: &'static str, limit: usize) -> PickleError {
        PickleError::Limit { what, limit, offset: self.start }
    }

    fn too_long(&self) -> PickleError {
        self.limit("bytes in one text", self.limits.text)
    }
}
