//! Paired differences between two choices on the same entries.

use schemars::JsonSchema;
use serde::Serialize;

use crate::bootstrap::{Interval, interval, p_of_signs};

/// A paired difference.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub struct Difference {
    /// The mean and its 95 % interval over photos.
    pub mean: Interval,
    /// How likely such a difference would be if each photo's had either sign by chance, corrected for the number of comparisons (Holm).
    pub p: f64,
    /// Entries in which it is better, equal and worse.
    pub better_equal_worse: (usize, usize, usize),
    /// About how many entries would tell such a difference from none in four of five cases. `None` if there are as many, there is no difference, or
    /// all entries are of one photo.
    pub needed: Option<usize>,
}

/// The mean of differences, each with the photo that it is of. `None` if there are none.
pub fn difference(values: &[(&str, f64)]) -> Option<Difference> {
    let mean = interval(values)?;
    let count = |is_so: fn(f64) -> bool| values.iter().filter(|(_, value)| is_so(*value)).count();
    let better_equal_worse = (count(|value| value > 0.0), count(|value| value == 0.0), count(|value| value < 0.0));
    // An interval narrows with the root of the number of entries. To be found with a power of 0.8 at the level of 0.05, a difference has to be
    // 1.96 + 0.84 standard errors; half of the interval is 1.96 of them.
    let needed = mean.ends().filter(|_| mean.mean.abs() > 1e-9).and_then(|(low, high)| {
        let needed = values.len() as f64 * (2.8 / 1.96 * (high - low) / 2.0 / mean.mean).powi(2);
        (needed > values.len() as f64).then_some(needed.ceil() as usize)
    });
    Some(Difference { mean, p: p_of_signs(values)?, better_equal_worse, needed })
}

/// Holm's correction: the smallest p counts as many times as there are comparisons, the next one time less, and none less than one before.
pub fn correct<'a>(differences: impl Iterator<Item = &'a mut Difference>) {
    let mut all: Vec<&mut Difference> = differences.collect();
    all.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (count, mut last) = (all.len(), 0.0_f64);
    for (place, one) in all.into_iter().enumerate() {
        one.p = (one.p * (count - place) as f64).min(1.0).max(last);
        last = one.p;
    }
}
