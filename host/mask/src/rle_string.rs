//! Reads and writes run lengths as text, in COCO's compressed form.
//!
//! The first three numbers are the lengths of the first three runs. From the fourth run on, a number is the difference
//! between the length of the run and that of the run two before it. A number is written five bits at a time, the lowest
//! bits first, in the characters '0' to 'o'. The sixth bit of a character says that more characters of the number
//! follow; the fifth bit of the last character is the sign.

use rescue_core::Size;

use crate::error::RleError;
use crate::rle::{Rle, check_sides};

/// The most characters of a number. They hold 35 bits, which is enough for the difference between two runs with its
/// sign.
const MAX_DIGITS: u32 = 7;

impl Rle {
    /// Encodes the run lengths as text, byte for byte as `pycocotools.mask.encode` does.
    pub fn encode_string(&self) -> String {
        let mut text = Vec::with_capacity(self.counts().len() * 2);
        let (mut before, mut last) = (0, 0);
        for (index, count) in self.counts().iter().enumerate() {
            push_number(&mut text, i64::from(*count) - i64::from(before));
            // The first run is not subtracted from the third run.
            (before, last) = (if index > 1 { last } else { 0 }, *count);
        }
        // This cannot fail, since the text is ASCII.
        String::from_utf8(text).unwrap_or_default()
    }

    /// Reads run lengths that [`Rle::encode_string`] or COCO tools wrote for a mask of this size. Time and memory grow
    /// only with the length of the text.
    ///
    /// ```
    /// use rescue_mask::{Rle, RleError, Size};
    ///
    /// let size = Size::new(3, 2);
    /// assert_eq!(Rle::parse_string(size, "222")?.counts(), [2, 2, 2]);
    /// assert_eq!(Rle::parse_string(size, "223"), Err(RleError::Sum { size, found: 7 }));
    /// assert_eq!(Rle::parse_string(size, "22!"), Err(RleError::Character { offset: 2, byte: b'!' }));
    /// # Ok::<(), RleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`RleError::TooLarge`] if a side is longer than [`MAX_SIDE`](crate::MAX_SIDE). Returns another
    /// [`RleError`] if the text has other characters, ends in the middle of a number, has a number that is not a run
    /// length, or has runs that do not add up to width × height pixels.
    pub fn parse_string(size: Size, text: &str) -> Result<Self, RleError> {
        check_sides(size)?;
        // Most runs of objects take two characters, and most runs of noise take one.
        let mut counts: Vec<u32> = Vec::with_capacity(text.len() / 2);
        let (mut before, mut last) = (0, 0);
        let (mut number, mut digits) = (0_i64, 0_u32);
        for (offset, byte) in text.bytes().enumerate() {
            let digit = match byte {
                b'0'..=b'o' => i64::from(byte - b'0'),
                _ => return Err(RleError::Character { offset, byte }),
            };
            if digits == MAX_DIGITS {
                return Err(RleError::TooLong { offset });
            }
            number |= (digit & 0x1f) << (5 * digits);
            digits += 1;
            if digit & 0x20 != 0 {
                continue;
            }
            if digit & 0x10 != 0 {
                number |= -1 << (5 * digits);
            }
            let index = counts.len();
            let length = number + i64::from(before);
            let count = u32::try_from(length).map_err(|_| RleError::Length { index, length })?;
            counts.push(count);
            (before, last) = (if index > 1 { last } else { 0 }, count);
            (number, digits) = (0, 0);
        }
        if digits > 0 { Err(RleError::Unfinished) } else { Self::new(size, counts) }
    }
}

/// Appends a number to the text.
fn push_number(text: &mut Vec<u8>, mut number: i64) {
    loop {
        let digit = (number & 0x1f) as u8;
        number >>= 5;
        // The number ends when the remaining bits are all equal to the fifth bit of this digit.
        let more = if digit & 0x10 != 0 { number != -1 } else { number != 0 };
        text.push(b'0' + (digit | if more { 0x20 } else { 0 }));
        if !more {
            return;
        }
    }
}
