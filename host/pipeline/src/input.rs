//! The limits of a query and of the number of hypotheses.

use rescue_core::Size;

/// The largest number of hypotheses of one sample.
pub const MAX_COUNT: u32 = 1024;
/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 4096;
/// The most memory that the masks of one sample may take, in bytes. A mask takes one bit a pixel.
pub const MAX_MASK_BYTES: u64 = 2 << 30;

/// A query or a number of hypotheses outside the limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The query is empty.
    #[error("the query is empty: say what to find, as in --query \"the dog on the left\"")]
    EmptyQuery,
    /// The query is too long; its length in bytes.
    #[error("the query has {0} bytes; at most {MAX_QUERY_BYTES} are taken")]
    LongQuery(usize),
    /// The query contains this control character.
    #[error("the query has a control character (U+{0:04X}) in it: give one line of plain text")]
    ControlCharacter(u32),
    /// The number of hypotheses is 0 or too large.
    #[error("{0} hypotheses are asked for; 1 to {MAX_COUNT} can be had")]
    Count(u32),
    /// The masks would take more than [`MAX_MASK_BYTES`].
    #[error(
        "{count} masks of {size} would take over {} GiB: ask for fewer, or shrink the image",
        MAX_MASK_BYTES >> 30
    )]
    Memory {
        /// The number of hypotheses.
        count: u32,
        /// The size of the image.
        size: Size,
    },
}

/// The query without white space around it.
pub(crate) fn query(text: &str) -> Result<&str, InputError> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(InputError::LongQuery(text.len()));
    }
    let text = text.trim();
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(InputError::ControlCharacter(control.into()));
    }
    if text.is_empty() { Err(InputError::EmptyQuery) } else { Ok(text) }
}

/// Checks the number of hypotheses for an image of this size.
pub(crate) fn count(count: u32, size: Size) -> Result<(), InputError> {
    if count == 0 || count > MAX_COUNT {
        return Err(InputError::Count(count));
    }
    let row_bytes = u64::from(size.width.div_ceil(64)) * 8;
    if row_bytes * u64::from(size.height) * u64::from(count) > MAX_MASK_BYTES {
        return Err(InputError::Memory { count, size });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        assert_eq!(query(" the dog "), Ok("the dog"));
        assert_eq!(query("\t "), Err(InputError::EmptyQuery));
        assert_eq!(query("a\u{1b}[31mb"), Err(InputError::ControlCharacter(0x1b)));
        assert_eq!(query(&"é".repeat(3000)), Err(InputError::LongQuery(6000)));
    }

    #[test]
    fn counts() {
        let photo = Size::new(4000, 4000);
        assert_eq!(count(MAX_COUNT, photo), Ok(()));
        assert_eq!(count(0, photo), Err(InputError::Count(0)));
        assert_eq!(count(100_000, photo), Err(InputError::Count(100_000)));
        assert!(matches!(count(MAX_COUNT, Size::new(10_000, 10_000)), Err(InputError::Memory { .. })));
    }
}
