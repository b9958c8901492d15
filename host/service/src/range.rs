//! Numbers that models state slightly outside their range.

/// How far outside its range a number may be, as a fraction of the range. SAM's head for the predicted IoU is not bounded and states up to
/// about 1.03; a cosine may be slightly negative. A number further outside has another unit, such as percent.
const SLACK: f64 = 0.1;

/// Whether a number can be meant as one from 0 to `most`.
pub(crate) fn is_meant(number: f64, most: f64) -> bool {
    (-SLACK * most..=(1.0 + SLACK) * most).contains(&number)
}

/// The nearest number from 0 to `most`, and whether that is another one.
pub fn clamped(number: f64, most: f64) -> (f64, bool) {
    let nearest = number.clamp(0.0, most);
    (nearest, nearest != number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_outside_is_meant_and_another_unit_is_not() {
        assert!(is_meant(1.013, 1.0) && is_meant(-0.02, 1.0) && is_meant(103.0, 100.0));
        assert!(!is_meant(87.0, 1.0) && !is_meant(1.2, 1.0) && !is_meant(-0.5, 1.0));
        assert!(!is_meant(f64::NAN, 1.0) && !is_meant(f64::INFINITY, 1.0));
        assert_eq!(
            [clamped(1.013, 1.0), clamped(0.4, 1.0), clamped(-3.0, 100.0)],
            [(1.0, true), (0.4, false), (0.0, true)]
        );
    }
}
