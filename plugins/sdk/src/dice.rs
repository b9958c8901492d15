//! Randomness that can be repeated.

/// A seeded generator: SplitMix64 (Steele, Lea and Flood, 2014). Its numbers never change between versions of this crate.
///
/// What must not depend on the order of events takes its own dice by name, with [`Dice::named`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that roll the same numbers for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Dice of their own for a purpose and a number, such as the one of a match. They do not depend on how far these have
    /// been rolled if these have not been rolled at all.
    #[must_use]
    pub fn named(&self, purpose: &str, number: u64) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64; // FNV-1a
        for byte in purpose.bytes().chain(number.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self::new(Self::new(self.state ^ hash).roll())
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `bound`; 0 for 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.roll()) * u128::from(bound)) >> 64).unwrap_or(0)
    }

    /// A number from 0 up to but not including 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from `low` up to but not including `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Heads or tails.
    pub fn coin(&mut self) -> bool {
        self.roll() >> 63 == 1
    }

    /// Shuffles in place (Fisher–Yates).
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
        let mut dice = Dice::new(1_234_567);
        let rolls = [dice.roll(), dice.roll(), dice.roll()];
        assert_eq!(rolls, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_shuffle_is_pinned_and_loses_nothing() {
        let mut items: Vec<u32> = (0..10).collect();
        Dice::new(7).shuffle(&mut items);
        let again = {
            let mut items: Vec<u32> = (0..10).collect();
            Dice::new(7).shuffle(&mut items);
            items
        };
        assert_eq!(items, again);
        items.sort_unstable();
        assert_eq!(items, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn names_and_numbers_tell_dice_apart() {
        let dice = Dice::new(3);
        let rolls: Vec<u64> =
            [("coin", 0), ("coin", 1), ("draw", 0)].iter().map(|(name, n)| dice.named(name, *n).roll()).collect();
        assert!(rolls[0] != rolls[1] && rolls[1] != rolls[2] && rolls[0] != rolls[2]);
        assert_eq!(dice.named("coin", 1), dice.named("coin", 1));
    }

    #[test]
    fn bounds_hold() {
        let mut dice = Dice::new(0);
        for bound in 1..200 {
            assert!(dice.below(bound) < bound);
            assert!((0.0..1.0).contains(&dice.unit()));
        }
        assert_eq!(dice.below(0), 0);
    }
}
