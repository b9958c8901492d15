//! Confidence intervals by the bootstrap: photos are drawn with replacement, with all entries on them, since entries on one photo are not
//! independent. The draws come from a fixed stream, so the same numbers give the same interval on every machine.

/// How many times the photos are drawn.
const DRAWS: usize = 2000;

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, schemars::JsonSchema, serde::Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The 2.5th percentile of the means of the draws. `None` if all values are of one photo, whose draws are all the same.
    pub low: Option<f64>,
    /// The 97.5th percentile, likewise.
    pub high: Option<f64>,
}

impl Interval {
    /// Both ends. `None` if all values are of one photo.
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }
}

/// The mean of values, each with the photo that it is of, and its interval. `None` without values.
pub fn interval(values: &[(&str, f64)]) -> Option<Interval> {
    let photos = by_photo(values);
    let all = mean(photos.iter())?;
    if photos.len() < 2 {
        return Some(Interval { mean: all, low: None, high: None });
    }
    let mut stream = Stream::new();
    let mut draw = || {
        let drawn: Vec<usize> = (0..photos.len()).map(|_| stream.below(photos.len())).collect();
        mean(drawn.iter().filter_map(|at| photos.get(*at)))
    };
    let mut means: Vec<f64> = (0..DRAWS).filter_map(|_| draw()).collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means.get((share * (DRAWS - 1) as f64).round() as usize).copied();
    Some(Interval { mean: all, low: at(0.025), high: at(0.975) })
}

/// The most photos of which all signs are tried; of more, so many are drawn as the bootstrap draws.
const ALL_SIGNS: usize = 11;

/// How likely a sum so far from 0 would be if each photo's values had either sign by chance, 0 to 1, two-sided: the share of ways to give
/// signs to the photos' sums whose sum is at least as far from 0. `None` without values.
pub fn p_of_signs(values: &[(&str, f64)]) -> Option<f64> {
    let sums: Vec<f64> = by_photo(values).into_iter().map(|(sum, _)| sum).collect();
    let total: f64 = sums.iter().sum();
    // What differs in the last digits is the same.
    let is_as_far = |sum: f64| sum.abs() >= total.abs() - 1e-9;
    if sums.is_empty() {
        return None;
    }
    let signed = |negative: &dyn Fn(usize) -> bool| -> f64 {
        sums.iter().enumerate().map(|(at, sum)| if negative(at) { -sum } else { *sum }).sum()
    };
    if sums.len() <= ALL_SIGNS {
        let all = 1_usize << sums.len();
        let far = (0..all).filter(|signs| is_as_far(signed(&|at| signs >> at & 1 == 1))).count();
        return Some(far as f64 / all as f64);
    }
    let mut stream = Stream::new();
    let mut draw = || {
        let signs: Vec<bool> = (0..sums.len()).map(|_| stream.below(2) == 1).collect();
        is_as_far(signed(&|at| signs.get(at).copied().unwrap_or_default()))
    };
    let far = (0..DRAWS).filter(|_| draw()).count();
    Some((far + 1) as f64 / (DRAWS + 1) as f64)
}

/// The sum and the number of each photo's values, by photo.
fn by_photo(values: &[(&str, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)));
    let chunks = sorted.chunk_by(|a, b| a.0 == b.0);
    chunks.map(|one| (one.iter().map(|(_, value)| value).sum(), one.len() as f64)).collect()
}

fn mean<'a>(photos: impl Iterator<Item = &'a (f64, f64)>) -> Option<f64> {
    let (sum, count) = photos.fold((0.0, 0.0), |(sums, counts), (sum, count)| (sums + sum, counts + count));
    (count > 0.0).then_some(sum / count)
}

/// A stream of numbers that is the same everywhere: SplitMix64 (Steele, Lea and Flood 2014) from 0.
struct Stream(u64);

impl Stream {
    fn new() -> Self {
        Self(0)
    }

    /// A number below `count`. Its bias, for counts far below 2⁶⁴, cannot be seen.
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % count.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handful_of_photos_proves_little() {
        let better = |count: usize| {
            ["a", "b", "c", "d", "e"].into_iter().take(count).map(|name| (name, 0.3)).collect::<Vec<_>>()
        };
        assert_eq!([1, 2, 3, 5].map(|count| p_of_signs(&better(count)).unwrap()), [1.0, 0.5, 0.25, 0.0625]);
        assert_eq!(p_of_signs(&[("a", 0.0), ("b", 0.0)]), Some(1.0));
        assert_eq!(p_of_signs(&[]), None);
    }

    #[test]
    fn an_interval_covers_the_mean_and_narrows_with_more_photos() {
        assert_eq!(interval(&[]), None);
        let one = interval(&[("a", 0.5)]).unwrap();
        assert_eq!((one.mean, one.ends()), (0.5, None));
        let names: Vec<String> = (0..400).map(|number| format!("{number}")).collect();
        let values: Vec<(&str, f64)> =
            names.iter().zip(0..).map(|(name, at)| (name.as_str(), f64::from(at % 2))).collect();
        let (few, many) = (interval(&values[..40]).unwrap(), interval(&values).unwrap());
        assert!((many.mean - 0.5).abs() < 1e-12 && few.low < many.low && few.high > many.high);
        // The standard error of the mean is .025; 1.96 of it are .049.
        assert!((0.04..0.06).contains(&(many.high.unwrap() - many.mean)), "{many:?}");
        // Entries on one photo count as one draw.
        let doubled: Vec<(&str, f64)> = values.iter().flat_map(|one| [*one, *one]).collect();
        assert_eq!(interval(&doubled), Some(many));
        let shifted: Vec<(&str, f64)> = values.iter().map(|(name, value)| (*name, value - 0.45)).collect();
        assert!(p_of_signs(&shifted).unwrap() < 0.1 && p_of_signs(&shifted[..40]).unwrap() > 0.3);
        let mut turned = values.clone();
        turned.reverse();
        assert_eq!(interval(&turned), Some(many), "the order does not matter");
    }
}
