//! Which samples are under way at the same time: plain state without threads.

use rescue_core::Size;

/// The memory that all samples under way may take by [`estimate`], in bytes: 1 GiB. A sample that takes more is searched alone.
const BUDGET: u64 = 1 << 30;
/// What a sample takes beside its pixels and masks, in bytes: 16 MiB for pictures, plugins and answers.
const ASIDE: u64 = 16 << 20;
/// The fewest samples under way, if the budget allows it: while one is ranked, the next is planned.
const FEWEST: usize = 2;
/// One sample fills about a quarter of the slots of the busiest service.
const SHARE: usize = 4;

/// How many samples are under way, and what they take. How many there may be at most is the number of threads that ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Admission {
    under_way: usize,
    bytes: u64,
}

impl Admission {
    /// Admits a sample of this size if there is room for it, or if nothing else is under way.
    pub(super) fn admit(&mut self, bytes: u64) -> bool {
        let admitted = self.under_way == 0 || self.bytes.saturating_add(bytes) <= BUDGET;
        if admitted {
            self.under_way += 1;
            self.bytes = self.bytes.saturating_add(bytes);
        }
        admitted
    }

    /// A sample of this size has ended.
    pub(super) fn end(&mut self, bytes: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }
}

/// How many samples keep services busy whose largest has this many slots.
pub(crate) fn enough(slots: usize) -> usize {
    (slots / SHARE).max(FEWEST)
}

/// About the most memory that a sample takes, in bytes: three bytes a pixel, and one bit a pixel for each of `count` masks, which usually
/// take less.
pub(super) fn estimate(size: Size, count: u32) -> u64 {
    let pixels = size.pixels();
    pixels.saturating_mul(3).saturating_add(pixels / 8 * u64::from(count)).saturating_add(ASIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_admitted_up_to_a_size() {
        let mut admission = Admission::default();
        assert!((0..2).all(|_| admission.admit(1)));
        assert!(!admission.admit(BUDGET) && admission.admit(BUDGET - 2));
        assert_eq!(admission.under_way(), 3);
        (0..2).for_each(|_| admission.end(1));
        // An oversized sample waits until it is alone, and then nothing joins it.
        assert!(!admission.admit(u64::MAX));
        admission.end(BUDGET - 2);
        assert!(admission.admit(u64::MAX) && !admission.admit(1));
    }

    #[test]
    fn the_estimate_is_that_of_pixels_and_masks() {
        assert_eq!(estimate(Size::new(1024, 768), 64), 1024 * 768 * 11 + ASIDE);
        assert_eq!((enough(1), enough(64)), (2, 16));
        // Sixteen samples of usual photos fit, one of 100 megapixels stays alone.
        assert!(16 * estimate(Size::new(1024, 768), 64) < BUDGET);
        assert!(estimate(Size::new(10_000, 10_000), 64) + estimate(Size::new(1024, 768), 64) > BUDGET);
    }
}
