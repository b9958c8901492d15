//! What is chosen without a strategy, to compare strategies with. Nothing here knows the truth.

use std::collections::BTreeMap;

use rescue_mask::{Mask, MaskError};
use rescue_pipeline::Outcome;
use rescue_plugin::Measured;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one of the first N hypotheses is chosen without a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The first one that has a mask.
    First,
    /// The one with the largest mask; of equal ones the first.
    Largest,
    /// The pixels that more than half of the masks have.
    Vote,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 3] = [Self::First, Self::Largest, Self::Vote];

    /// The name in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Largest => "largest",
            Self::Vote => "vote",
        }
    }
}

/// What the rules choose for one sample, by the number of hypotheses. `None` is nothing: no hypothesis has a mask.
#[derive(Debug)]
pub struct Baselines(pub BTreeMap<(u32, Rule), Option<Mask>>);

/// 1, 2, 4, … and the number of all hypotheses.
pub fn counts(all: u32) -> Vec<u32> {
    let doubling = std::iter::successors(Some(1_u32), |n| n.checked_mul(2));
    doubling.take_while(|n| *n < all).chain([all]).collect()
}

impl Baselines {
    /// What the rules choose among the first 1, 2, 4, … and all hypotheses of a search.
    ///
    /// # Errors
    ///
    /// Returns an error if the masks differ in size: then the outcome is none of a search.
    pub fn of(outcome: &Outcome) -> Result<Self, MaskError> {
        let mut candidates: Vec<&Measured> = outcome.candidates.iter().collect();
        candidates.sort_by_key(|made| made.candidate.id);
        let (mut choices, mut votes) = (BTreeMap::new(), Votes::default());
        let mut counted = 0;
        for n in counts(outcome.record.n) {
            let among: Vec<&Measured> = candidates.iter().copied().filter(|made| made.candidate.id < n).collect();
            for made in among.iter().skip(counted) {
                votes.add(&made.mask.to_mask())?;
            }
            counted = among.len();
            let mask = |made: Option<&&Measured>| made.map(|made| made.mask.to_mask());
            let largest = among.iter().max_by_key(|made| (made.candidate.area, std::cmp::Reverse(made.candidate.id)));
            choices.insert((n, Rule::First), mask(among.first()));
            choices.insert((n, Rule::Largest), mask(largest));
            choices.insert((n, Rule::Vote), votes.majority());
        }
        Ok(Self(choices))
    }
}

/// How many masks have each pixel.
#[derive(Default)]
struct Votes {
    masks: u32,
    /// The first holds the ones of the counts in binary, the second the twos, and so on.
    digits: Vec<Mask>,
}

impl Votes {
    fn add(&mut self, mask: &Mask) -> Result<(), MaskError> {
        self.masks += 1;
        let mut carry = mask.clone();
        for digit in &mut self.digits {
            let mut both = digit.clone();
            both.intersect_with(&carry)?;
            digit.union_with(&carry)?;
            digit.subtract(&both)?;
            carry = both;
        }
        if !carry.is_empty() {
            self.digits.push(carry);
        }
        Ok(())
    }

    /// The pixels that more than half of the masks have. `None` without a mask, or if there is no such pixel.
    fn majority(&self) -> Option<Mask> {
        let size = self.digits.first()?.size();
        // More than half: at least this many.
        let needed = self.masks / 2 + 1;
        let count = |x, y| {
            let digits = self.digits.iter().rev();
            digits.fold(0_u32, |count, digit| count * 2 + u32::from(digit.get(x, y)))
        };
        let mask = Mask::from_fn(size, |x, y| count(x, y) >= needed);
        (!mask.is_empty()).then_some(mask)
    }
}

#[cfg(test)]
mod tests {
    use rescue_mask::{Rect, Size};

    use super::*;

    #[test]
    fn more_than_half_decide_about_each_pixel() {
        let size = Size::new(10, 4);
        let mask = |x_min: f64, x_max: f64| Mask::from_rect(size, Rect { x_min, y_min: 0.0, x_max, y_max: 4.0 });
        let mut votes = Votes::default();
        assert!(votes.majority().is_none());
        for (x_min, x_max, majority) in [
            (0.0, 4.0, Some((0.0, 4.0))),
            (2.0, 8.0, Some((2.0, 4.0))),
            (3.0, 9.0, Some((2.0, 8.0))),
            (9.0, 10.0, Some((3.0, 4.0))),
        ] {
            votes.add(&mask(x_min, x_max)).unwrap();
            assert!(votes.majority() == majority.map(|(x_min, x_max)| mask(x_min, x_max)), "{x_min}");
        }
    }

    #[test]
    fn numbers_of_hypotheses_double() {
        assert_eq!(counts(1), [1]);
        assert_eq!(counts(16), [1, 2, 4, 8, 16]);
        assert_eq!(counts(20), [1, 2, 4, 8, 16, 20]);
    }
}
