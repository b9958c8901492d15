//! Repeatable random numbers.

/// A seeded random number generator: SplitMix64 (Steele, Lea and Flood, 2014). Seed it with `brief.seed`. The same seed
/// gives the same numbers in every version of this crate.
///
/// The host may tell facts in any order. Where a draw must not depend on that order, derive a generator of its own with
/// [`Random::named`], for example one for each match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator with this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An independent generator for a purpose and a number, such as ("order", id of a match). It is derived from the
    /// current state of this one: derive it from a generator that has drawn nothing yet, or the result depends on the
    /// earlier draws.
    #[must_use]
    pub fn named(&self, purpose: &str, number: u64) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64; // FNV-1a
        for byte in purpose.bytes().chain(number.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self::new(Self::new(self.state ^ hash).next_u64())
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 up to but not including `bound`, or 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.next_u64()) * u128::from(bound)) >> 64).unwrap_or(0)
    }

    /// A number from 0 up to but not including 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from `low` up to but not including `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True or false with equal probability.
    pub fn coin(&mut self) -> bool {
        self.next_u64() >> 63 == 1
    }

    /// Shuffles the items in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(0);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let mut random = Random::new(1_234_567);
        let numbers = [random.next_u64(), random.next_u64(), random.next_u64()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_shuffle_is_repeatable_and_loses_nothing() {
        let mut items: Vec<u32> = (0..10).collect();
        Random::new(7).shuffle(&mut items);
        let again = {
            let mut items: Vec<u32> = (0..10).collect();
            Random::new(7).shuffle(&mut items);
            items
        };
        assert_eq!(items, again);
        items.sort_unstable();
        assert_eq!(items, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn generators_with_other_names_or_numbers_differ() {
        let random = Random::new(3);
        let numbers: Vec<u64> =
            [("coin", 0), ("coin", 1), ("draw", 0)].iter().map(|(name, n)| random.named(name, *n).next_u64()).collect();
        assert!(numbers[0] != numbers[1] && numbers[1] != numbers[2] && numbers[0] != numbers[2]);
        assert_eq!(random.named("coin", 1), random.named("coin", 1));
    }

    #[test]
    fn bounds_hold() {
        let mut random = Random::new(0);
        for bound in 1..200 {
            assert!(random.below(bound) < bound);
            assert!((0.0..1.0).contains(&random.unit()));
        }
        assert_eq!(random.below(0), 0);
    }
}
