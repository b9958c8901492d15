//! Retries: how long to wait before one, and how many a service gets. Which failures are retried, `Exchange::send_until_answered` decides.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The first pause, before jitter.
const FIRST: Duration = Duration::from_millis(100);
/// The longest pause, unless the server asks for a longer one.
const LONGEST: Duration = Duration::from_secs(10);
/// The smallest number of retries that a budget begins with.
const FREE: usize = 64;
/// What each answer adds to the budget, in hundredths of a retry. If more than a third of all requests fail for long, retries stop:
/// they would only add load to a server that is in trouble.
const EARNED: i64 = 50;

/// The retries that a service may still get. Every answer adds to it, every retry takes from it.
pub(super) struct Budget {
    hundredths: AtomicI64,
    most: i64,
}

impl Budget {
    /// A budget that begins with `free` retries, or with 64 if that is more.
    pub(super) fn new(free: usize) -> Self {
        let free = i64::try_from(free.max(FREE)).unwrap_or(i64::MAX).saturating_mul(100);
        Self { hundredths: AtomicI64::new(free), most: free.saturating_mul(10) }
    }

    /// Takes one retry; returns false if none is left.
    pub(super) fn take(&self) -> bool {
        let taken = |left: i64| (left >= 100).then_some(left - 100);
        self.hundredths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    /// Adds what an answer earns.
    pub(super) fn earn(&self) {
        let earned = |left: i64| Some((left + EARNED).min(self.most));
        let _ = self.hundredths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, earned); // It is never refused.
    }
}

/// The pause after this many attempts. It doubles with each attempt and is shortened by up to half according to `seed`, the question's
/// key, so that requests which failed together do not return together. A server's wish (`after`) for a longer pause is granted.
pub(super) fn pause(attempts: u32, after: Option<Duration>, seed: Option<&[u8; 32]>) -> Duration {
    let step = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(LONGEST);
    let index = attempts as usize % 32;
    let jitter = seed.and_then(|seed| seed.get(index)).copied().unwrap_or(0);
    let own = step.mul_f64(0.5 + f64::from(jitter) / 510.0);
    after.map_or(own, |after| after.max(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let most = [0xff; 32];
        let pauses: Vec<u128> = (1..10).map(|attempts| pause(attempts, None, Some(&most)).as_millis()).collect();
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
