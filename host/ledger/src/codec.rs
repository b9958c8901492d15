//! Compresses and decompresses values.

use std::borrow::Cow;
use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::error::Fault;

/// The zstd level. A higher level is slower and saves little on values of a few kilobytes.
const LEVEL: i32 = 1;

// Creating a zstd context takes longer than compressing a value, so each thread keeps one.
thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
}

/// The payload of a value: its zstd frame if that is shorter, else the value itself.
pub(crate) fn compress(value: &[u8]) -> Cow<'_, [u8]> {
    let mut compressed = Vec::with_capacity(value.len());
    let done = COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.as_mut().is_some_and(|compressor| compressor.compress_to_buffer(value, &mut compressed).is_ok())
    });
    // The buffer is only as long as the value, so zstd fails if its output would be longer; the value is then stored as it is.
    if done && compressed.len() < value.len() { Cow::Owned(compressed) } else { Cow::Borrowed(value) }
}

/// Decompresses a payload to a value of exactly `raw` bytes. No more than `raw` bytes are allocated.
pub(crate) fn decompress(payload: &[u8], raw: usize) -> Result<Vec<u8>, Fault> {
    let mut value = Vec::with_capacity(raw);
    let done = DECOMPRESSOR.with_borrow_mut(|decompressor| {
        decompressor.as_mut().is_some_and(|decompressor| decompressor.decompress_to_buffer(payload, &mut value).is_ok())
    });
    if done && value.len() == raw { Ok(value) } else { Err(Fault::Undecodable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_compressed_only_if_that_makes_it_shorter() {
        let text = b"the same again and ".repeat(100);
        let compressed = compress(&text);
        assert!(compressed.len() < 100);
        assert_eq!(decompress(&compressed, text.len()).unwrap(), text);
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        let noise: Vec<u8> = noise.take(1000).collect();
        assert_eq!(compress(&noise), Cow::Borrowed(&noise[..]));
        assert_eq!(compress(b"x"), Cow::Borrowed(&b"x"[..]));
    }

    #[test]
    fn a_length_other_than_the_stated_one_is_a_fault() {
        let text = vec![b'a'; 5000];
        let compressed = compress(&text);
        for raw in [1, 4999, 5001, 1 << 20] {
            assert_eq!(decompress(&compressed, raw), Err(Fault::Undecodable), "{raw}");
        }
        assert_eq!(decompress(b"no zstd", 100), Err(Fault::Undecodable));
    }
}
