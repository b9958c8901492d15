//! Functions of `f64` that work without `std` and give the same bits on every machine.

use alloc::vec::Vec;

/// The square root.
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// e to the power of `x`.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// The natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// The largest whole number that is not above `x`.
#[must_use]
pub fn floor(x: f64) -> f64 {
    libm::floor(x)
}

/// The smallest whole number that is not below `x`.
#[must_use]
pub fn ceil(x: f64) -> f64 {
    libm::ceil(x)
}

/// The nearest whole number; halves are rounded away from zero.
#[must_use]
pub fn round(x: f64) -> f64 {
    libm::round(x)
}

/// The logistic function 1 / (1 + e^−x): turns a logit into a probability.
#[must_use]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// The softmax of these logits: shares from 0 to 1 that sum to 1. Empty if there are no logits.
#[must_use]
pub fn softmax(logits: &[f64]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raw: Vec<f64> = logits.iter().map(|logit| exp(logit - top)).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|share| share / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one() {
        let shares = softmax(&[1.0, 2.0, -700.0, 900.0]);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(softmax(&[]).is_empty());
        assert!((logistic(0.0) - 0.5).abs() < 1e-15);
    }
}
