//! How long a request may take before another replica is asked as well.

use std::collections::VecDeque;
use std::time::Duration;

/// How many of the last durations count.
const LAST: usize = 64;
/// The fewest durations from which anything is concluded.
const FEWEST: usize = 16;
/// A request is slow if it takes so many times as long as half of the others. Of log-normal durations with a sigma of 0.6, 3 % do.
const SLOW: u32 = 3;

/// The durations of the last requests that were answered.
#[derive(Debug, Default)]
pub(super) struct Durations(VecDeque<Duration>);

impl Durations {
    pub(super) fn add(&mut self, duration: Duration) {
        self.0.push_back(duration);
        if self.0.len() > LAST {
            self.0.pop_front();
        }
    }

    /// How long a request may take. `None` while too little is known.
    pub(super) fn patience(&self) -> Option<Duration> {
        if self.0.len() < FEWEST {
            return None;
        }
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        Some(*sorted.get(sorted.len() / 2)? * SLOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_follows_the_last_durations() {
        let mut durations = Durations::default();
        let second = Duration::from_secs(1);
        (0..15).for_each(|_| durations.add(second));
        assert_eq!(durations.patience(), None);
        (0..8).for_each(|_| durations.add(second * 100));
        assert_eq!(durations.patience(), Some(second * 3));
        (0..64).for_each(|_| durations.add(second * 2));
        assert_eq!(durations.patience(), Some(second * 6));
    }
}
