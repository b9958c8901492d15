//! Packs pixels into words of 64 bits. The first pixel is the lowest bit.

/// Packs up to 64 values into a word. Bit `i` is set if `inside` is true for value `i`.
pub(crate) fn pack<T>(values: impl Iterator<Item = T>, mut inside: impl FnMut(T) -> bool) -> u64 {
    // Writes one byte per pixel first, which compilers vectorise, and then packs eight bytes at a time.
    let mut flags = [0_u8; 64];
    for (flag, value) in flags.iter_mut().zip(values) {
        *flag = u8::from(inside(value));
    }
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |word, eight| (word << 8) | pack_eight(*eight))
}

/// Packs the lowest bits of eight bytes into one byte. The product moves bit `8 i` to bit `56 + i`, and its terms do
/// not overlap.
fn pack_eight(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Sets the bits of a row from `start` to `end`, excluding `end`.
pub(crate) fn set_range(row: &mut [u64], start: u32, end: u32) {
    if start >= end {
        return;
    }
    let (first, last) = (start / 64, (end - 1) / 64);
    for (index, word) in (first..=last).zip(row.iter_mut().skip(first as usize)) {
        let from = if index == first { u64::MAX << (start % 64) } else { u64::MAX };
        let to = if index == last { u64::MAX >> (63 - (end - 1) % 64) } else { u64::MAX };
        *word |= from & to;
    }
}

/// The bits of a row's last word that belong to pixels, in an image of this width.
pub(crate) fn last_word_mask(width: u32) -> u64 {
    u64::MAX >> ((64 - width % 64) % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_the_first_value_lowest() {
        assert_eq!(pack([1, 0, 0, 1].iter(), |value| *value == 1), 0b1001);
        assert_eq!(
            pack(0..64, |index| index % 3 == 0),
            (0..64).filter(|i| i % 3 == 0).fold(0, |word, i| word | 1 << i)
        );
        assert_eq!(pack(0..64, |_| true), u64::MAX);
        assert_eq!(pack(0..0, |_: u8| true), 0);
    }

    #[test]
    fn sets_ranges_across_words() {
        for (start, end) in [(0, 1), (0, 64), (3, 64), (63, 65), (0, 192), (64, 128), (70, 71), (5, 190)] {
            let mut row = [0; 3];
            set_range(&mut row, start, end);
            let bits: Vec<u32> = (0..192).filter(|bit| row[*bit as usize / 64] >> (bit % 64) & 1_u64 == 1).collect();
            assert_eq!(bits, (start..end).collect::<Vec<_>>());
        }
        let mut row = [0];
        set_range(&mut row, 7, 7);
        assert_eq!(row, [0]);
    }

    #[test]
    fn last_word_mask_has_the_pixels_of_the_width() {
        assert_eq!(last_word_mask(1), 1);
        assert_eq!(last_word_mask(63), u64::MAX >> 1);
        assert_eq!(last_word_mask(64), u64::MAX);
        assert_eq!(last_word_mask(65), 1);
    }
}
