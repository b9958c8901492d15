//! Errors of masks and run lengths.

use rescue_core::Size;

/// An error of masks or buffers that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// Two masks, or a mask and its image, have different sizes.
    #[error("sizes differ: {left} and {right}")]
    SizesDiffer {
        /// The first size.
        left: Size,
        /// The second size.
        right: Size,
    },
    /// A buffer is longer or shorter than its size asks for.
    #[error("a buffer of {size} pixels has {expected} values, this one {found}")]
    WrongLength {
        /// The size that was given for the buffer.
        size: Size,
        /// The number of values that this size needs.
        expected: u64,
        /// The number of values in the buffer.
        found: u64,
    },
}

impl MaskError {
    /// Checks that a buffer of `found` values holds `channels` values for each pixel.
    pub(crate) fn check_length(size: Size, channels: u64, found: usize) -> Result<(), Self> {
        let (expected, found) = (size.pixels().saturating_mul(channels), found as u64);
        if expected == found { Ok(()) } else { Err(Self::WrongLength { size, expected, found }) }
    }

    /// Checks that two sizes are the same.
    pub(crate) fn check_same(left: Size, right: Size) -> Result<(), Self> {
        if left == right { Ok(()) } else { Err(Self::SizesDiffer { left, right }) }
    }
}

/// An error in run lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RleError {
    /// A side is longer than [`MAX_SIDE`](crate::MAX_SIDE).
    #[error("run lengths of a mask of {size}: no side may be longer than {} pixels", crate::MAX_SIDE)]
    TooLarge {
        /// The size that was asked for.
        size: Size,
    },
    /// A character that does not occur in run lengths.
    #[error("run lengths hold the byte 0x{byte:02x} at offset {offset}, which is none of '0' to 'o'")]
    Character {
        /// Its offset in the text, in bytes.
        offset: usize,
        /// The character, as a byte.
        byte: u8,
    },
    /// The text ends within a number.
    #[error("run lengths end within a number")]
    Unfinished,
    /// A number has more digits than any run needs.
    #[error("run lengths hold a number of too many digits, the last at offset {offset}")]
    TooLong {
        /// The offset of the superfluous digit, in bytes.
        offset: usize,
    },
    /// A run has a negative length, or more pixels than any mask.
    #[error("run {index} has {length} pixels, which no mask has")]
    Length {
        /// The index of the run, from 0.
        index: usize,
        /// Its length as written.
        length: i64,
    },
    /// The runs do not add up to the mask's pixels.
    #[error("the runs make {found} pixels, a mask of {size} has {}", size.pixels())]
    Sum {
        /// The size of the mask.
        size: Size,
        /// The number of pixels in the runs.
        found: u64,
    },
}
