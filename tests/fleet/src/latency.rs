//! How long requests hold their slots.

use std::time::Duration;

use rescue_core::Seed;

use crate::fault::uniform;

/// How long a request holds its slot. A draw depends on the request's bytes and on how often they came before, not on
/// the order in which requests come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latency {
    /// Every request takes this long.
    Fixed(Duration),
    /// Log-normal: `median` × exp(`sigma` × a standard normal number).
    LogNormal {
        /// The median: half of the requests take longer.
        median: Duration,
        /// The standard deviation of the logarithm, 0 to 10; language models have about .6.
        sigma: f64,
    },
    /// `base`, plus `each` for every request that is under way when this one begins, itself included.
    Load {
        /// The time that does not depend on the load.
        base: Duration,
        /// The time that each request under way adds.
        each: Duration,
    },
}

/// The longest latency; longer draws are cut to it.
const LONGEST: Duration = Duration::from_secs(3600);

impl Latency {
    /// Draws how long a request takes. `words` identify the request; `running` counts the requests under way, itself
    /// included.
    pub(crate) fn draw(self, seed: Seed, words: [&[u8]; 2], running: usize) -> Duration {
        let held = match self {
            Self::Fixed(held) => held,
            Self::LogNormal { median, sigma } => {
                let mut random = fastrand::Rng::with_seed(seed.derive([&b"latency"[..]].into_iter().chain(words)));
                let seconds = median.as_secs_f64() * (sigma * normal(&mut random)).exp();
                Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST)
            }
            Self::Load { base, each } => {
                base.saturating_add(each.saturating_mul(u32::try_from(running).unwrap_or(u32::MAX)))
            }
        };
        held.min(LONGEST)
    }
}

/// Draws a standard normal number (Box and Muller's method).
pub(crate) fn normal(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - uniform(random.u64(..))).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(random.u64(..))).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_have_their_stated_distribution() {
        let ms = Duration::from_millis;
        let draw =
            |latency: Latency, index: u32, running| latency.draw(Seed(1), [b"body", &index.to_le_bytes()], running);
        let log_normal = Latency::LogNormal { median: ms(100), sigma: 0.6 };
        let mut drawn: Vec<_> = (0..2001).map(|index| draw(log_normal, index, 1)).collect();
        assert_eq!(drawn[7], draw(log_normal, 7, 9));
        drawn.sort_unstable();
        assert!((ms(94)..ms(106)).contains(&drawn[1000]), "{:?}", drawn[1000]);
        // The 84th percentile is one standard deviation of the logarithm above the median.
        assert!((ms(170)..ms(196)).contains(&drawn[1683]), "{:?}", drawn[1683]);
        assert_eq!(draw(Latency::Load { base: ms(10), each: ms(2) }, 0, 4), ms(18));
        assert_eq!(draw(Latency::LogNormal { median: Duration::MAX, sigma: 0.0 }, 0, 4), LONGEST);
    }
}
