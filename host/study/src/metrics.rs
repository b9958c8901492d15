//! The metrics of referring and reasoning segmentation, as their reference code defines them.
//!
//! | metric | definition | reference |
//! |---|---|---|
//! | gIoU | the mean of the entries' IoU | LISA, gRefCOCO |
//! | cIoU | all intersections together ÷ all unions together | LISA, gRefCOCO |
//! | P@X | the share of entries with a target whose IoU is at least X | RefCOCO, gRefCOCO |
//! | N-acc | of entries without a target, the share in which nothing was predicted | gRefCOCO |
//! | T-acc | of entries with a target, the share in which something was predicted | gRefCOCO |
//!
//! Ignored pixels count for neither side. The IoU of two empty masks is 1, or 0 as an option ([`EmptyRule`]).

use rescue_dataset::Truth;
use rescue_mask::{Mask, MaskError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The thresholds of P@X.
pub const THRESHOLDS: [f64; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

/// The IoU of an empty prediction and an empty truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyRule {
    /// 1, as in LISA, StAR, Evol-SAM3 and gRefCOCO.
    #[default]
    One,
    /// 0, as in VisionReasoner and RESCue.
    Zero,
}

/// What a prediction and a truth have in common, in pixels, without those that are ignored.
/// In files, it is a list: intersection, union, and whether nothing fits the sentence and nothing was predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(from = "(u64, u64, bool, bool)", into = "(u64, u64, bool, bool)")]
pub struct Overlap {
    /// Pixels of both.
    pub intersection: u64,
    /// Pixels of either.
    pub union: u64,
    /// Whether nothing fits the sentence.
    pub no_target: bool,
    /// Whether nothing was predicted.
    pub nothing_predicted: bool,
}

impl From<(u64, u64, bool, bool)> for Overlap {
    fn from((intersection, union, no_target, nothing_predicted): (u64, u64, bool, bool)) -> Self {
        Self { intersection, union, no_target, nothing_predicted }
    }
}

impl From<Overlap> for (u64, u64, bool, bool) {
    fn from(overlap: Overlap) -> Self {
        (overlap.intersection, overlap.union, overlap.no_target, overlap.nothing_predicted)
    }
}

impl Overlap {
    /// Compares a prediction with the truth. `predicted` is `None` if nothing was predicted.
    ///
    /// # Errors
    ///
    /// Returns an error if the masks differ in size.
    pub fn of(predicted: Option<&Mask>, truth: &Truth) -> Result<Self, MaskError> {
        let mut predicted = predicted.cloned().unwrap_or_else(|| Mask::new(truth.mask.size()));
        let mut wanted = truth.mask.clone();
        let (no_target, nothing_predicted) = (wanted.is_empty(), predicted.is_empty());
        if let Some(ignore) = &truth.ignore {
            predicted.subtract(ignore)?;
            wanted.subtract(ignore)?;
        }
        let intersection = u64::from(predicted.shared_area(&wanted)?);
        let union = u64::from(predicted.area()) + u64::from(wanted.area()) - intersection;
        Ok(Self { intersection, union, no_target, nothing_predicted })
    }

    /// The intersection ÷ the union, 0 to 1.
    pub fn iou(&self, empty: EmptyRule) -> f64 {
        match (self.union, empty) {
            (0, EmptyRule::One) => 1.0,
            (0, EmptyRule::Zero) => 0.0,
            (union, _) => self.intersection as f64 / union as f64,
        }
    }
}

/// The metrics of a set of entries. All are shares from 0 to 1.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Scores {
    /// The number of entries.
    pub count: usize,
    /// The mean IoU.
    pub giou: f64,
    /// All intersections ÷ all unions. `None` if all unions are empty.
    pub ciou: Option<f64>,
    /// P@X for each of [`THRESHOLDS`]. `None` if no entry has a target.
    pub precision: Option<[f64; THRESHOLDS.len()]>,
    /// `None` if every entry has a target.
    pub n_acc: Option<f64>,
    /// `None` if no entry has a target.
    pub t_acc: Option<f64>,
}

/// The metrics of these entries. `None` if there are none. The order of entries does not matter to any digit: sums of pixels are whole
/// numbers, and IoUs are added in the order of their size.
pub fn scores(overlaps: &[Overlap], empty: EmptyRule) -> Option<Scores> {
    let mut ious: Vec<f64> = overlaps.iter().map(|overlap| overlap.iou(empty)).collect();
    ious.sort_by(f64::total_cmp);
    let (intersections, unions) = overlaps.iter().fold((0_u64, 0_u64), |(intersections, unions), overlap| {
        (intersections.saturating_add(overlap.intersection), unions.saturating_add(overlap.union))
    });
    let (without, with): (Vec<_>, Vec<_>) = overlaps.iter().partition(|overlap| overlap.no_target);
    let with_target =
        |is_so: &dyn Fn(&Overlap) -> bool| share(with.iter().filter(|one| is_so(one)).count(), with.len());
    let precision = THRESHOLDS.map(|threshold| with_target(&|one| one.iou(empty) >= threshold));
    Some(Scores {
        count: overlaps.len(),
        giou: share_of(ious.iter().sum(), overlaps.len())?,
        ciou: (unions > 0).then(|| intersections as f64 / unions as f64),
        precision: precision.iter().copied().collect::<Option<Vec<f64>>>().and_then(|all| all.try_into().ok()),
        n_acc: share(without.iter().filter(|one| one.nothing_predicted).count(), without.len()),
        t_acc: with_target(&|one| !one.nothing_predicted),
    })
}

/// The best IoU among the first `n` hypotheses, by id. A hypothesis without a mask counts as an empty one. `None` if `n` is 0, or there is
/// no hypothesis.
pub fn oracle(ious: &[(u32, f64)], n: u32) -> Option<f64> {
    ious.iter().filter(|(id, _)| *id < n).map(|(_, iou)| *iou).max_by(f64::total_cmp)
}

fn share(part: usize, all: usize) -> Option<f64> {
    share_of(part as f64, all)
}

fn share_of(part: f64, all: usize) -> Option<f64> {
    (all > 0).then(|| part / all as f64)
}

#[cfg(test)]
mod tests {
    use rescue_mask::Size;
    use serde::Deserialize;

    use super::*;

    /// What `tests/metrics.py` has computed by the reference's definitions.
    const CASES: &str = include_str!("../tests/metrics.json");

    #[derive(Deserialize)]
    struct Case {
        name: String,
        entries: Vec<Entry>,
        one: Expected,
        zero: Expected,
    }

    /// Rows of pixels: `#` is inside, `.` outside, `x` ignored.
    #[derive(Deserialize)]
    struct Entry {
        truth: Vec<String>,
        predicted: Option<Vec<String>>,
    }

    #[derive(Deserialize)]
    struct Expected {
        giou: f64,
        ciou: Option<f64>,
        precision: Option<[f64; THRESHOLDS.len()]>,
        n_acc: Option<f64>,
        t_acc: Option<f64>,
    }

    fn mask(rows: &[String], inside: char) -> Mask {
        let size = Size::new(rows[0].len() as u32, rows.len() as u32);
        Mask::from_fn(size, |x, y| rows[y as usize].as_bytes()[x as usize] == inside as u8)
    }

    #[test]
    fn the_metrics_are_those_of_the_references() {
        let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
        assert!(cases.len() >= 40);
        for case in cases {
            let overlap = |entry: &Entry| {
                let ignore = Some(mask(&entry.truth, 'x')).filter(|ignore| !ignore.is_empty());
                let truth = Truth { mask: mask(&entry.truth, '#'), ignore };
                Overlap::of(entry.predicted.as_deref().map(|rows| mask(rows, '#')).as_ref(), &truth).unwrap()
            };
            let overlaps: Vec<Overlap> = case.entries.iter().map(overlap).collect();
            for (rule, expected) in [(EmptyRule::One, &case.one), (EmptyRule::Zero, &case.zero)] {
                let scores = scores(&overlaps, rule).unwrap();
                let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                    (Some(a), Some(b)) => (a - b).abs() < 1e-12,
                    (a, b) => a == b,
                };
                let name = format!("{} {rule:?}: {scores:?}", case.name);
                assert!(near(Some(scores.giou), Some(expected.giou)), "gIoU of {name}");
                assert!(near(scores.ciou, expected.ciou), "cIoU of {name}");
                assert!(near(scores.n_acc, expected.n_acc) && near(scores.t_acc, expected.t_acc), "{name}");
                let (precision, wanted) = (scores.precision, expected.precision);
                assert!(
                    precision.iter().flatten().zip(wanted.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-12),
                    "{name}"
                );
                assert_eq!(precision.is_some(), wanted.is_some(), "{name}");
            }
        }
    }

    #[test]
    fn the_oracle_looks_at_the_first_hypotheses() {
        let ious = [(5, 0.9), (0, 0.2), (2, 0.4)];
        assert_eq!([0, 1, 3, 6].map(|n| oracle(&ious, n)), [None, Some(0.2), Some(0.4), Some(0.9)]);
    }

    #[test]
    fn the_order_of_entries_changes_no_digit() {
        let one = |intersection, union| Overlap { intersection, union, no_target: false, nothing_predicted: false };
        let mut overlaps: Vec<Overlap> = (1..50).map(|number| one(number, 7 * number + 3)).collect();
        let first = scores(&overlaps, EmptyRule::One);
        overlaps.reverse();
        assert_eq!(scores(&overlaps, EmptyRule::One), first);
        assert_eq!(scores(&[], EmptyRule::One), None);
    }
}
