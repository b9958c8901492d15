//! The rules for a verifier's verdict.

use super::{Checked, Intake, Violation};
use crate::border::rescue::plugin::types::Verdict;

/// The sum of the shares may exceed 1 by this much, because of rounding.
const SLACK: f64 = 1e-6;

/// Checks a verdict on this many contestants.
pub(super) fn verdict(verdict: &Verdict, contestants: usize, intake: &mut Intake) -> Checked {
    intake.text("a verdict's why", &verdict.why)?;
    intake.extras("a note", &verdict.notes)?;
    if verdict.shares.len() != contestants {
        return Err(Violation::Shares { shares: verdict.shares.len(), contestants });
    }
    for &value in &verdict.shares {
        if !value.is_finite() || value < 0.0 {
            return Err(Violation::Number { what: "a share", value, range: "finite and not negative" });
        }
    }
    let sum: f64 = verdict.shares.iter().sum();
    if sum > 1.0 + SLACK {
        return Err(Violation::ShareSum(sum));
    }
    let mut order = verdict.order.clone();
    order.sort_unstable();
    if !order.is_empty() && !order.iter().map(|place| *place as usize).eq(0..contestants) {
        return Err(Violation::Order);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn shares_and_order_are_checked() {
        let check = |shares: &[f64], order: &[u32]| {
            let judged =
                Verdict { shares: shares.to_vec(), order: order.to_vec(), why: String::new(), notes: Vec::new() };
            verdict(&judged, 2, &mut Intake::new(1, Limits::default().into()))
        };
        assert_eq!(check(&[0.5, 0.5], &[]), Ok(()));
        assert_eq!(check(&[0.0, 0.0], &[1, 0]), Ok(()));
        assert!(matches!(check(&[0.5], &[]), Err(Violation::Shares { .. })));
        assert!(matches!(check(&[f64::NAN, 0.0], &[]), Err(Violation::Number { .. })));
        assert!(matches!(check(&[-0.1, 0.0], &[]), Err(Violation::Number { .. })));
        assert!(matches!(check(&[0.7, 0.7], &[]), Err(Violation::ShareSum(_))));
        assert!(matches!(check(&[0.7, 0.1], &[0, 0]), Err(Violation::Order)));
        assert!(matches!(check(&[0.7, 0.1], &[0, 2]), Err(Violation::Order)));
    }
}
