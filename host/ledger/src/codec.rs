//! Values and their compressed form.

use std::borrow::Cow;
use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::error::Fault;

/// zstd's level. A higher one takes longer for each value and saves little on values of a few kilobytes.
const LEVEL: i32 = 1;

// What zstd works with takes longer to make than a value takes to compress, so each thread keeps its own.
thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
}

/// The payload of a value: its zstd form where that is shorter, else the value itself.
pub(crate) fn pack(value: &[u8]) -> Cow<'_, [u8]> {
    let mut packed = Vec::with_capacity(value.len());
    let done = COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.as_mut().is_some_and(|compressor| compressor.compress_to_buffer(value, &mut packed).is_ok())
    });
    // The buffer is as long as the value: zstd fails where its form would be longer, and the value is stored as it is.
    if done && packed.len() < value.len() { Cow::Owned(packed) } else { Cow::Borrowed(value) }
}

/// The value of `raw` bytes of which this is the zstd form. No more than `raw` bytes are made.
pub(crate) fn unpack(payload: &[u8], raw: usize) -> Result<Vec<u8>, Fault> {
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
    fn only_what_becomes_shorter_is_compressed() {
        let text = b"the same again and ".repeat(100);
        let packed = pack(&text);
        assert!(packed.len() < 100);
        assert_eq!(unpack(&packed, text.len()).unwrap(), text);
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        let noise: Vec<u8> = noise.take(1000).collect();
        assert_eq!(pack(&noise), Cow::Borrowed(&noise[..]));
        assert_eq!(pack(b"x"), Cow::Borrowed(&b"x"[..]));
    }

    #[test]
    fn another_length_than_the_frame_says_is_a_fault() {
        let text = vec![b'a'; 5000];
        let packed = pack(&text);
        for raw in [1, 4999, 5001, 1 << 20] {
            assert_eq!(unpack(&packed, raw), Err(Fault::Undecodable), "{raw}");
        }
        assert_eq!(unpack(b"no zstd", 100), Err(Fault::Undecodable));
    }
}
