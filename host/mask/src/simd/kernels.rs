//! The kernels, which the compiler vectorises.

/// Compiles each function for every level, and calls the version of the current level.
macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),*) $(-> $out:ty)? $body:block)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name($($arg: $type),*) $(-> $out)? {
            #[inline(always)]
            fn plain($($arg: $type),*) $(-> $out)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
            fn avx2($($arg: $type),*) $(-> $out)? {
                plain($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vpopcntdq")]
            fn avx512($($arg: $type),*) $(-> $out)? {
                plain($($arg),*)
            }

            match level().0 {
                Kind::Plain => plain($($arg),*),
                // SAFETY: `level.rs` creates a level only if the processor has all its features.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code)]
                Kind::Avx2 => unsafe { avx2($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code)]
                Kind::Avx512 => unsafe { avx512($($arg),*) },
            }
        }
    )*};
}

use super::level::{Kind, level};

kernels! {
    /// Counts the bits that are set.
    fn count(words: &[u64]) -> u64 {
        words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Counts the bits that are set in both slices.
    fn count_shared(left: &[u64], right: &[u64]) -> u64 {
        left.iter().zip(right).map(|(left, right)| u64::from((left & right).count_ones())).sum()
    }

    /// Counts the bits that a block shares with each of the others. `counts` is as long as `others` or longer.
    fn count_each(one: &[u64; 64], others: &[[u64; 64]], counts: &mut [u32]) {
        for (other, count) in others.iter().zip(counts) {
            // Adds into eight lanes, which are summed once at the end.
            let mut lanes = [0_u64; 8];
            for (one, other) in one.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0) {
                for ((lane, one), other) in lanes.iter_mut().zip(one).zip(other) {
                    *lane += u64::from((one & other).count_ones());
                }
            }
            *count = lanes.iter().sum::<u64>() as u32;
        }
    }

    /// For up to eight columns of words, starting at `column`, in rows of `stride` words: the bits that are set in any
    /// row, and the bits that are set in all rows. Columns beyond the last are 0 and `u64::MAX`.
    fn fold_down(rows: &[u64], stride: usize, column: usize) -> ([u64; 8], [u64; 8]) {
        let (mut any, mut all) = ([0; 8], [u64::MAX; 8]);
        for row in rows.chunks_exact(stride) {
            let row = row.get(column..).unwrap_or_default();
            // The two branches do the same. Compilers keep the words in registers only if they know that there are
            // eight.
            if let Some(row) = row.first_chunk::<8>() {
                for ((any, all), word) in any.iter_mut().zip(&mut all).zip(row) {
                    *any |= word;
                    *all &= word;
                }
            } else {
                for ((any, all), word) in any.iter_mut().zip(&mut all).zip(row) {
                    *any |= word;
                    *all &= word;
                }
            }
        }
        (any, all)
    }

    /// Xors each row of `stride` words with the row above, from top to bottom. So every bit that was set toggles all
    /// bits below it.
    fn xor_down(words: &mut [u64], stride: usize) {
        let mut rows = words.chunks_exact_mut(stride);
        let Some(mut above) = rows.next() else { return };
        for row in rows {
            for (word, above) in row.iter_mut().zip(above.iter()) {
                *word ^= above;
            }
            above = row;
        }
    }

    /// Transposes 64 × 64 bits. Swaps the two off-diagonal quarters of the block, then those of each quarter, and so
    /// on.
    fn transpose(block: &mut [u64; 64]) {
        let mut side = 32;
        let mut low = u64::MAX >> 32; // The columns of the left halves.
        while side > 0 {
            for part in block.chunks_exact_mut(2 * side) {
                let (upper, lower) = part.split_at_mut(side);
                for (upper, lower) in upper.iter_mut().zip(lower) {
                    let differ = ((*upper >> side) ^ *lower) & low;
                    *lower ^= differ;
                    *upper ^= differ << side;
                }
            }
            side /= 2;
            low ^= low << side;
        }
    }

    /// Mixes a colour into the channels of pixels. `add` holds the colour times its opacity for 16 pixels and is
    /// repeated; `keep` is the opacity that remains for the pixels. Opacities are in 255ths.
    fn mix(channels: &mut [u8], add: &[u16; 48], keep: u16) {
        // Divides the sum, which is at most 255 × 255, by 255 and rounds to the nearest, without a division.
        let mixed = |channel: u8, add: u16| {
            let sum = u16::from(channel) * keep + add + 128;
            ((sum + (sum >> 8)) >> 8) as u8
        };
        // Compilers vectorise loops over 48 bytes, but not loops over 3.
        let (chunks, rest) = channels.as_chunks_mut::<48>();
        for chunk in chunks {
            for (channel, add) in chunk.iter_mut().zip(add) {
                *channel = mixed(*channel, *add);
            }
        }
        for (channel, add) in rest.iter_mut().zip(add) {
            *channel = mixed(*channel, *add);
        }
    }
}
