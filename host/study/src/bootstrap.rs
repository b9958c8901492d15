//! Confidence intervals by the bootstrap: photos are drawn with replacement, with all entries on them, since entries on one photo are not
//! independent. The draws come from a fixed stream, so the same numbers give the same interval on every machine.

/// How many times the photos are drawn.
const DRAWS: usize = 2000;

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The 2.5th percentile of the means of the draws.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
}

/// The mean of values, each with the photo that it is of, and its interval. `None` without values.
pub fn interval(values: &[(&str, f64)]) -> Option<Interval> {
    let mut photos: Vec<(&str, f64, f64)> = Vec::new();
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)));
    for (photo, value) in sorted {
        match photos.last_mut().filter(|(last, ..)| *last == photo) {
            Some((_, sum, count)) => {
                *sum += value;
                *count += 1.0;
            }
            None => photos.push((photo, value, 1.0)),
        }
    }
    let mean = |drawn: &mut dyn Iterator<Item = &(&str, f64, f64)>| {
        let (sum, count) = drawn.fold((0.0, 0.0), |(sums, counts), (_, sum, count)| (sums + sum, counts + count));
        sum / count
    };
    let all = (!photos.is_empty()).then(|| mean(&mut photos.iter()))?;
    let mut stream = Stream::new();
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<usize> = (0..photos.len()).map(|_| stream.below(photos.len())).collect();
            mean(&mut drawn.iter().filter_map(|at| photos.get(*at)))
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means.get((share * (DRAWS - 1) as f64).round() as usize).copied();
    Some(Interval { mean: all, low: at(0.025)?, high: at(0.975)? })
}

/// A stream of numbers that is the same everywhere: BLAKE3's output of no input.
struct Stream(blake3::OutputReader);

impl Stream {
    fn new() -> Self {
        Self(blake3::Hasher::new().finalize_xof())
    }

    /// A number below `count`. Its bias, for counts far below 2⁶⁴, cannot be seen.
    fn below(&mut self, count: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % count.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_covers_the_mean_and_narrows_with_more_photos() {
        assert_eq!(interval(&[]), None);
        let one = interval(&[("a", 0.5)]).unwrap();
        assert_eq!((one.mean, one.low, one.high), (0.5, 0.5, 0.5));
        let names: Vec<String> = (0..400).map(|number| format!("{number}")).collect();
        let values: Vec<(&str, f64)> =
            names.iter().zip(0..).map(|(name, at)| (name.as_str(), f64::from(at % 2))).collect();
        let (few, many) = (interval(&values[..40]).unwrap(), interval(&values).unwrap());
        assert!((many.mean - 0.5).abs() < 1e-12 && few.low < many.low && few.high > many.high);
        // The standard error of the mean is .025; 1.96 of it are .049.
        assert!((0.04..0.06).contains(&(many.high - many.mean)), "{many:?}");
        // Entries on one photo count as one draw.
        let doubled: Vec<(&str, f64)> = values.iter().flat_map(|one| [*one, *one]).collect();
        assert_eq!(interval(&doubled), Some(many));
        let mut turned = values.clone();
        turned.reverse();
        assert_eq!(interval(&turned), Some(many), "the order does not matter");
    }
}
