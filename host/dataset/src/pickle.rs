//! Reads pickles that hold plain data, and executes nothing.
//!
//! The protocols 0 to 5 are read, as Python 2 and 3 write them. An instruction that would import, build or call
//! something ends the reading with an error that names it.

mod decode;
mod error;
mod input;
mod machine;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use error::PickleError;
pub(crate) use value::Value;

/// The limits of a pickle. The caller limits the size of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Most values that wait for their list or dict at one time.
    stack: usize,
    /// Most values in all. What is stored in the memo counts again, and so does what is taken from it, and a list or
    /// dict counts twice. A file like that of gRefCOCO, with 280,000 sentences, has 17 million. Each takes less than 80
    /// bytes of memory while the pickle is read.
    values: usize,
    /// Most levels of lists and dicts in each other.
    depth: usize,
    /// Longest text, byte string or line, in bytes.
    text: usize,
}

/// The limits of [`read`].
const LIMITS: Limits = Limits { stack: 1_000_000, values: 28_000_000, depth: 100, text: 16 << 20 };

/// Longest integer, in bytes: it has a sign and up to 19 digits.
const INTEGER: usize = 8;

/// Reads the first pickle of a file. As in Python, bytes after its end are ignored.
///
/// It takes time and memory in proportion to the bytes, even if the values would be far more when each shared part was
/// written out.
///
/// # Errors
///
/// Returns [`PickleError`], which names the byte, if the pickle is damaged, not complete, beyond the limits, contains
/// itself, or holds more than plain data.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, PickleError> {
    read_within(bytes, LIMITS)
}

/// Like [`read`], with limits of the caller's.
fn read_within(bytes: &[u8], limits: Limits) -> Result<Value, PickleError> {
    machine::Machine::new(bytes, limits).run()
}
