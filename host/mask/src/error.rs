//! Errors of masks and run lengths.

use rescue_core::Size;

/// Masks or buffers do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// Two masks, or a mask and its image, have different sizes.
    #[error("the sizes differ: {left} and {right}")]
    SizesDiffer {
        /// The first size.
        left: Size,
        /// The second size.
        right: Size,
    },
    /// A buffer does not have the length that its size requires.
    #[error("the buffer has {found} values, but {size} pixels need {expected}")]
    WrongLength {
        /// The size that was given for the buffer.
        size: Size,
        /// The number of values that this size requires.
        expected: u64,
        /// The number of values in the buffer.
        found: u64,
    },
}

impl MaskError {
    /// Returns an error unless a buffer of `found` values holds `channels` values for each pixel.
    pub(crate) fn check_length(size: Size, channels: u64, found: usize) -> Result<(), Self> {
        let (expected, found) = (size.pixels().saturating_mul(channels), found as u64);
        if expected == found { Ok(()) } else { Err(Self::WrongLength { size, expected, found }) }
    }

    /// Returns an error unless two sizes are the same.
    pub(crate) fn check_same(left: Size, right: Size) -> Result<(), Self> {
        if left == right { Ok(()) } else { Err(Self::SizesDiffer { left, right }) }
    }
}

/// Run lengths are not those of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RleError {
    /// A side is longer than [`MAX_SIDE`](crate::MAX_SIDE).
    #[error("the mask of the run lengths is {size}, but no side may be longer than {} pixels", crate::MAX_SIDE)]
    TooLarge {
        /// The size of the mask.
        size: Size,
    },
    /// The text contains a character that does not occur in run lengths.
    #[error(
        "the run lengths contain the byte 0x{byte:02x} at offset {offset}, which is not one of the characters '0' to 'o'"
    )]
    Character {
        /// The offset of the character in the text, in bytes.
        offset: usize,
        /// The first byte of the character.
        byte: u8,
    },
    /// The text ends in the middle of a number.
    #[error("the run lengths end in the middle of a number")]
    Unfinished,
    /// A number has more digits than any run length needs.
    #[error("a number in the run lengths has too many digits; the first superfluous digit is at offset {offset}")]
    TooLong {
        /// The offset of the first superfluous digit, in bytes.
        offset: usize,
    },
    /// A run has a negative length, or a length that does not fit into 32 bits.
    #[error("run {index} has the impossible length of {length} pixels")]
    Length {
        /// The index of the run, from 0.
        index: usize,
        /// The length of the run, as written.
        length: i64,
    },
    /// The lengths of the runs do not add up to the number of pixels of the mask.
    #[error("the runs have {found} pixels in all, but a mask of {size} has {}", size.pixels())]
    Sum {
        /// The size of the mask.
        size: Size,
        /// The number of pixels in all runs.
        found: u64,
    },
}
