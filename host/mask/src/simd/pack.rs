//! Packs bytes into bits. One instruction compares 64 or 32 bytes and returns one bit for each.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_max_epu8, _mm256_movemask_epi8, _mm256_set1_epi8,
    _mm512_cmpge_epu8_mask, _mm512_loadu_epi8, _mm512_set1_epi8,
};

use super::level::{Kind, level};
use crate::pack::pack;

/// Packs rows of `width` bytes, which is at least 1, into rows of words. A bit is set if its byte is at least
/// `threshold`. The bits after a row's last byte are 0.
pub(crate) fn at_least(bytes: &[u8], threshold: u8, width: usize, words: &mut [u64]) {
    match level().0 {
        Kind::Plain => each_word(bytes, threshold, width, words, |bytes| pack(bytes.iter(), |byte| *byte >= threshold)),
        // SAFETY: `level.rs` creates a level only if the processor has all its features.
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code)]
        Kind::Avx2 => unsafe { avx2(bytes, threshold, width, words) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code)]
        Kind::Avx512 => unsafe { avx512(bytes, threshold, width, words) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(bytes: &[u8], threshold: u8, width: usize, words: &mut [u64]) {
    let least = _mm256_set1_epi8(threshold.cast_signed());
    let half = |bytes: &[u8; 32]| {
        // SAFETY: the pointer points to 32 bytes, and it need not be aligned.
        #[allow(unsafe_code)]
        let values = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
        // AVX2 cannot compare unsigned bytes. A byte is at least `least` if it equals the larger of the two.
        u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(values, least), values)).cast_unsigned())
    };
    each_word(bytes, threshold, width, words, |bytes| match bytes.as_chunks::<32>().0 {
        [low, high] => half(low) | half(high) << 32,
        _ => 0,
    });
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn avx512(bytes: &[u8], threshold: u8, width: usize, words: &mut [u64]) {
    let least = _mm512_set1_epi8(threshold.cast_signed());
    each_word(bytes, threshold, width, words, |bytes| {
        // SAFETY: the pointer points to 64 bytes, and it need not be aligned.
        #[allow(unsafe_code)]
        let values = unsafe { _mm512_loadu_epi8(bytes.as_ptr().cast::<i8>()) };
        _mm512_cmpge_epu8_mask(values, least)
    });
}

/// Packs all rows. `word` packs 64 bytes; the last bytes of a row are packed without it.
#[inline(always)] // So that `word` is compiled with the features of the caller.
fn each_word(bytes: &[u8], threshold: u8, width: usize, words: &mut [u64], word: impl Fn(&[u8; 64]) -> u64) {
    if width.is_multiple_of(64) {
        // There are no gaps between the rows, so one loop packs all of them.
        for (slot, bytes) in words.iter_mut().zip(bytes.as_chunks::<64>().0) {
            *slot = word(bytes);
        }
        return;
    }
    for (row, bytes) in words.chunks_exact_mut(width.div_ceil(64)).zip(bytes.chunks_exact(width)) {
        let (whole, rest) = bytes.as_chunks::<64>();
        for (slot, bytes) in row.iter_mut().zip(whole) {
            *slot = word(bytes);
        }
        if let Some(last) = row.last_mut() {
            *last = pack(rest.iter(), |byte| *byte >= threshold);
        }
    }
}
