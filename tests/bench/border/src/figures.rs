//! Statistics of measurements, and the format of figures.

use std::time::Duration;

/// The median of the values; NaN if there are none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The distance from the median to the farther quartile; NaN if there are no values.
pub fn spread(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let (low, middle, high) = (at(values.len() / 4), at(values.len() / 2), at(values.len() * 3 / 4));
    (middle - low).max(high - middle)
}

/// The smallest of the values; infinite if there are none.
pub fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// A duration in microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Writes microseconds, as milliseconds from 1000 on.
pub fn time(micros: f64) -> String {
    match micros.abs() {
        0.0..1.0 => format!("{micros:.3} µs"),
        1.0..100.0 => format!("{micros:.2} µs"),
        100.0..1000.0 => format!("{micros:.0} µs"),
        1000.0..100_000.0 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.0} ms", micros / 1e3),
    }
}

/// Writes a figure beside its goal, which is at most `most`. `spread` is the uncertainty of the figure: if the goal
/// lies within it, it is not decided whether it is met.
pub fn goal(figure: f64, spread: f64, most: f64, shown: &str, unit: &str) -> String {
    let met = if figure + spread <= most {
        "met"
    } else if figure - spread > most {
        "**not met**"
    } else {
        "not decided, too much noise"
    };
    format!("{shown} (goal ≤ {most}{unit}: {met})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_within_the_noise_is_not_decided() {
        let values = [1.0, 9.0, 2.0, 3.0, 4.0];
        assert_eq!((median(values), spread(&values), least(&values)), (3.0, 1.0, 1.0));
        let verdict = |figure, spread| goal(figure, spread, 1.0, "", "").contains(": met");
        assert!(verdict(0.5, 0.4) && verdict(1.0, 0.0));
        assert!(!verdict(0.5, 0.6) && !verdict(-8.1, 11.3) && !verdict(1.1, 0.0));
        assert!(goal(-8.1, 11.3, 1.0, "", "").contains("not decided"));
        assert!(goal(1.1, 0.0, 1.0, "", "").contains("not met"));
        assert!(goal(f64::NAN, 0.0, 1.0, "", "").contains("not decided"));
    }
}
