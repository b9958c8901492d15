//! The error for pickles that cannot be read.

/// A pickle cannot be read. All offsets are in bytes from the start of the file, and those of an instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PickleError {
    /// The instruction is one of those that import, build or call something, or need what is outside of the file.
    #[error(
        "it {what} at byte {offset}; a data set's file holds plain data only: write it anew with json, or as plain dicts, lists, texts and numbers"
    )]
    NotPlain {
        /// What the instruction does, with the name of the class or function.
        what: String,
        /// The offset of the instruction.
        offset: usize,
    },
    /// The file ends before the pickle does.
    #[error("it ends after {length} bytes, inside of what starts at byte {offset}: copy or download the file again")]
    Truncated {
        /// The offset of the last instruction.
        offset: usize,
        /// The length of the file, in bytes.
        length: usize,
    },
    /// A byte is not an instruction.
    #[error(
        "byte {offset} is 0x{byte:02x}, which is no instruction of the pickle protocols 0 to 5: give a pickle that is not compressed"
    )]
    Unknown {
        /// The offset of the byte.
        offset: usize,
        /// The byte.
        byte: u8,
    },
    /// An instruction does not fit what was before it, or its value cannot be read.
    #[error("{why} at byte {offset}: copy or download the file again, or write it anew with json")]
    Damaged {
        /// What is wrong.
        why: &'static str,
        /// The offset of the instruction.
        offset: usize,
    },
    /// A limit is passed.
    #[error(
        "it has more than {limit} {what} at byte {offset}: write it anew in smaller parts, or without these values"
    )]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// The offset of the instruction.
        offset: usize,
    },
    /// A list, tuple, set or dict contains itself.
    #[error("the list or dict that starts at byte {offset} contains itself: write it anew without the loop")]
    Loop {
        /// The offset of the instruction that makes the list or dict.
        offset: usize,
    },
}
