//! Medians, and how figures are written.

use std::time::Duration;

/// The middle of the values; NaN of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How far the middle half of the values reaches from the median, to the farther side.
pub fn spread(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let (low, middle, high) = (at(values.len() / 4), at(values.len() / 2), at(values.len() * 3 / 4));
    (middle - low).max(high - middle)
}

/// The smallest of the values.
pub fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// In microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Microseconds, or milliseconds where they are many.
pub fn time(micros: f64) -> String {
    match micros.abs() {
        0.0..1.0 => format!("{micros:.3} µs"),
        1.0..100.0 => format!("{micros:.2} µs"),
        100.0..1000.0 => format!("{micros:.0} µs"),
        1000.0..100_000.0 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.0} ms", micros / 1e3),
    }
}

/// A figure beside its goal.
pub fn goal(figure: f64, most: f64, shown: &str, unit: &str) -> String {
    let met = if figure <= most { "met" } else { "**not met**" };
    format!("{shown} (goal ≤ {most}{unit}: {met})")
}
