//! Checks that every level gives the same bits.

use super::level::levels;
use super::*;

/// A SplitMix generator, which gives the same numbers every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn words(&mut self, length: usize) -> Vec<u64> {
        // Empty, full, sparse, dense and even words.
        (0..length)
            .map(|_| match self.next() % 5 {
                0 => 0,
                1 => u64::MAX,
                2 => self.next() & self.next() & self.next(),
                3 => self.next() | self.next() | self.next(),
                _ => self.next(),
            })
            .collect()
    }

    fn block(&mut self) -> [u64; 64] {
        self.words(64).try_into().unwrap()
    }
}

/// Asserts that `work` returns `expected` on every level that the processor has.
fn assert_same<T: PartialEq + std::fmt::Debug>(expected: T, work: impl Fn() -> T) {
    for level in levels() {
        assert_eq!(at(level, &work), expected, "{}", level.name());
    }
}

fn bit(words: &[u64], stride: usize, x: usize, y: usize) -> bool {
    words[y * stride + x / 64] >> (x % 64) & 1 == 1
}

#[test]
fn levels_start_with_scalar_and_an_override_ends_with_its_call() {
    let levels = levels();
    assert_eq!(levels[0].name(), "scalar");
    assert_eq!(level::level(), *levels.last().unwrap(), "the best level is the default");
    at(levels[0], || assert_eq!(level::level(), levels[0]));
    assert_eq!(level::level(), *levels.last().unwrap());
}

#[test]
fn counting_agrees_on_every_level() {
    let mut random = Random(1);
    for length in 0..200 {
        let (left, right) = (random.words(length), random.words(length + 3));
        let ones = |words: &mut dyn Iterator<Item = u64>| -> u64 {
            words.map(|word| (0..64).map(|bit| word >> bit & 1).sum::<u64>()).sum()
        };
        assert_same(ones(&mut left.iter().copied()), || count(&left));
        assert_same(ones(&mut left.iter().zip(&right).map(|(left, right)| left & right)), || {
            count_shared(&left, &right)
        });
    }
    for others in 0..9 {
        let one = random.block();
        let others: Vec<[u64; 64]> = (0..others).map(|_| random.block()).collect();
        let expected: Vec<u32> = others.iter().map(|other| count_shared(&one, other) as u32).collect();
        assert_same(expected, || {
            let mut counts = vec![7; others.len()];
            count_each(&one, &others, &mut counts);
            counts
        });
    }
}

#[test]
fn folding_down_agrees_on_every_level() {
    let mut random = Random(2);
    for stride in 1..20 {
        for height in [1, 2, 7, 64] {
            let rows: Vec<u64> = random.words(stride * height);
            for column in (0..stride).step_by(8) {
                let fold = |start: u64, of: fn(u64, u64) -> u64| -> [u64; 8] {
                    std::array::from_fn(|at| {
                        let words = rows.iter().skip(column + at).step_by(stride);
                        if column + at < stride { words.fold(start, |a, b| of(a, *b)) } else { start }
                    })
                };
                assert_same((fold(0, |a, b| a | b), fold(u64::MAX, |a, b| a & b)), || fold_down(&rows, stride, column));
            }
        }
    }
}

#[test]
fn xoring_down_agrees_on_every_level() {
    let mut random = Random(3);
    for (stride, height) in [(1, 1), (1, 9), (2, 5), (3, 64), (16, 7), (17, 20)] {
        let rows = random.words(stride * height);
        let mut expected = rows.clone();
        for y in 1..height {
            for x in 0..stride {
                expected[y * stride + x] = (0..=y).fold(0, |word, y| word ^ rows[y * stride + x]);
            }
        }
        assert_same(expected, || {
            let mut words = rows.clone();
            xor_down(&mut words, stride);
            words
        });
    }
}

#[test]
fn transposing_agrees_on_every_level() {
    let mut random = Random(4);
    for _ in 0..20 {
        let block = random.block();
        let mut expected = [0; 64];
        for (x, y) in (0..64).flat_map(|x| (0..64).map(move |y| (x, y))) {
            expected[x] |= u64::from(bit(&block, 1, x, y)) << y;
        }
        assert_same(expected, || {
            let mut transposed = block;
            transpose(&mut transposed);
            transposed
        });
    }
}

#[test]
fn packing_agrees_on_every_level() {
    let mut random = Random(5);
    for width in 1..=200_usize {
        let height = 1 + width % 3;
        let bytes: Vec<u8> = (0..width * height).map(|_| random.next() as u8).collect();
        for threshold in [0, 1, 100, 127, 128, 129, 255] {
            let stride = width.div_ceil(64);
            let mut expected = vec![0; stride * height];
            for (index, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte >= threshold) {
                expected[index / width * stride + index % width / 64] |= 1_u64 << (index % width % 64);
            }
            assert_same(expected, || {
                let mut words = vec![u64::MAX; stride * height];
                at_least(&bytes, threshold, width, &mut words);
                words
            });
        }
    }
}

#[test]
fn mixing_agrees_on_every_level() {
    let mut random = Random(6);
    for length in 0..200 {
        let channels: Vec<u8> = (0..length * 3).map(|_| random.next() as u8).collect();
        let alpha = random.next() as u8;
        let add: [u16; 48] = std::array::from_fn(|at| [200_u16, 3, 77][at % 3] * u16::from(alpha));
        let keep = 255 - u16::from(alpha);
        let mixed = |(channel, add): (&u8, &u16)| {
            let sum = u32::from(*channel) * u32::from(keep) + u32::from(*add);
            ((2 * sum + 255) / 510) as u8
        };
        let expected: Vec<u8> = channels.iter().zip(add.iter().cycle()).map(mixed).collect();
        assert_same(expected, || {
            let mut channels = channels.clone();
            mix(&mut channels, &add, keep);
            channels
        });
    }
}
