//! Measures time.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The time for which each operation is repeated.
const SPENT: Duration = Duration::from_millis(600);

/// The median time of an operation in milliseconds, over as many runs as fit into [`SPENT`], but at least 5. One more
/// run comes first and is not counted.
pub fn median<T>(mut work: impl FnMut() -> T) -> f64 {
    black_box(work());
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < 5 || begun.elapsed() < SPENT {
        let start = Instant::now();
        black_box(work());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
