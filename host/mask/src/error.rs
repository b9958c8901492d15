//! What can be wrong with masks and their run lengths.

use rescue_core::Size;

/// Masks and buffers that do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// Two masks, or a mask and its image, have different sizes.
    #[error("sizes differ: {left} and {right}")]
    SizesDiffer {
        /// The size of the one.
        left: Size,
        /// The size of the other.
        right: Size,
    },
    /// A buffer is longer or shorter than its size asks for.
    #[error("a buffer of {size} pixels has {expected} values, this one {found}")]
    WrongLength {
        /// The size that the buffer was said to have.
        size: Size,
        /// How many values that makes.
        expected: u64,
        /// How many there are.
        found: u64,
    },
}

impl MaskError {
    /// Whether a buffer of `found` values holds `channels` values for each pixel.
    pub(crate) fn check_length(size: Size, channels: u64, found: usize) -> Result<(), Self> {
        let (expected, found) = (size.pixels().saturating_mul(channels), found as u64);
        if expected == found { Ok(()) } else { Err(Self::WrongLength { size, expected, found }) }
    }

    /// Whether two sizes are the same.
    pub(crate) fn check_same(left: Size, right: Size) -> Result<(), Self> {
        if left == right { Ok(()) } else { Err(Self::SizesDiffer { left, right }) }
    }
}

/// Run lengths that are not those of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RleError {
    /// A side is longer than [`MAX_SIDE`](crate::MAX_SIDE).
    #[error("run lengths of a mask of {size}: no side may be longer than {} pixels", crate::MAX_SIDE)]
    TooLarge {
        /// The size that was asked for.
        size: Size,
    },
    /// A character that run lengths are not written with.
    #[error("run lengths hold the byte 0x{byte:02x} at offset {offset}, which is none of '0' to 'o'")]
    Character {
        /// Where in the text, in bytes.
        offset: usize,
        /// What is there.
        byte: u8,
    },
    /// The text ends within a number.
    #[error("run lengths end within a number")]
    Unfinished,
    /// A number of more digits than any run needs.
    #[error("run lengths hold a number of too many digits, the last at offset {offset}")]
    TooLong {
        /// Where the superfluous digit is, in bytes.
        offset: usize,
    },
    /// A run of less than no pixels, or of more than any mask has.
    #[error("run {index} has {length} pixels, which no mask has")]
    Length {
        /// Which run, from 0.
        index: usize,
        /// Its length as written.
        length: i64,
    },
    /// The runs are not as many pixels as the mask has.
    #[error("the runs make {found} pixels, a mask of {size} has {}", size.pixels())]
    Sum {
        /// The size of the mask.
        size: Size,
        /// The number of pixels in the runs.
        found: u64,
    },
}
