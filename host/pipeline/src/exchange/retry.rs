//! When a request that failed is sent again.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_millis(100);
/// The longest pause that is not the server's wish.
const LONGEST: Duration = Duration::from_secs(10);
/// The fewest retries that are free.
const FREE: usize = 64;
/// What an answer adds, in hundredths of a retry. So where more than a third of all requests fail for long, retries stop: they would
/// only be more load for a server that is in trouble.
const EARNED: i64 = 50;

/// How often a service may be asked again. Every answer adds to it, every retry takes from it.
pub(super) struct Budget {
    hundredths: AtomicI64,
    most: i64,
}

impl Budget {
    /// With so many to begin with, and 64 at least: enough for all that is under way at once to be tried as often as it may.
    pub(super) fn new(free: usize) -> Self {
        let free = i64::try_from(free.max(FREE)).unwrap_or(i64::MAX).saturating_mul(100);
        Self { hundredths: AtomicI64::new(free), most: free.saturating_mul(10) }
    }

    /// Takes one retry, where there is one.
    pub(super) fn take(&self) -> bool {
        let taken = |left: i64| (left >= 100).then_some(left - 100);
        self.hundredths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    /// A request was answered.
    pub(super) fn earn(&self) {
        let earned = |left: i64| Some((left + EARNED).min(self.most));
        let _ = self.hundredths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, earned); // It is never refused.
    }
}

/// How long to wait after so many tries: what the server wishes, or twice as long each time, from half of it to all of it by the
/// question's key, so that those who failed together do not come back together.
pub(super) fn pause(tries: u32, after: Option<Duration>, seed: Option<&[u8; 32]>) -> Duration {
    let step = FIRST.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST);
    let place = tries as usize % 32;
    let dice = seed.and_then(|seed| seed.get(place)).copied().unwrap_or(0);
    let own = step.mul_f64(0.5 + f64::from(dice) / 510.0);
    after.map_or(own, |after| after.max(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let most = [0xff; 32];
        let pauses: Vec<u128> = (1..10).map(|tries| pause(tries, None, Some(&most)).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(pause(1, None, Some(&[0; 32])).as_millis(), 50);
        assert_eq!(pause(1, Some(Duration::from_secs(7)), None).as_secs(), 7);
    }

    #[test]
    fn a_service_in_trouble_is_left_alone() {
        let budget = Budget::new(3);
        assert_eq!((0..1000).filter(|_| budget.take()).count(), 64);
        (0..4).for_each(|_| budget.earn());
        assert_eq!((0..1000).filter(|_| budget.take()).count(), 2);
    }
}
