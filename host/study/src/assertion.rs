//! What an evaluation has to reach, as `giou>=0.7`.

use std::fmt;
use std::str::FromStr;

use crate::summary::Summary;

const METRICS: [&str; 6] = ["giou", "ciou", "oracle", "efficiency", "n-acc", "t-acc"];

/// A bound of a metric of the first strategy's choices among all hypotheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    metric: &'static str,
    /// Whether the bound is the least that is allowed; otherwise, it is the most.
    at_least: bool,
    bound: f64,
}

impl Assertion {
    /// Whether it holds. A metric without a value, as `t-acc` of entries that all lack a target, reaches no bound.
    pub fn holds(&self, summary: &Summary) -> bool {
        self.value(summary).is_some_and(|value| if self.at_least { value >= self.bound } else { value <= self.bound })
    }

    /// The value of its metric. `None` if there is none.
    pub fn value(&self, summary: &Summary) -> Option<f64> {
        let (own, row) = summary.own()?;
        match self.metric {
            "giou" => Some(own.scores.giou),
            "ciou" => own.scores.ciou,
            "oracle" => Some(row.oracle),
            "efficiency" => own.efficiency,
            "n-acc" => own.scores.n_acc,
            _ => own.scores.t_acc,
        }
    }
}

impl FromStr for Assertion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let split = |sign| text.split_once(sign).map(|(metric, bound)| (metric, sign == ">=", bound));
        let (metric, at_least, bound) = split(">=")
            .or_else(|| split("<="))
            .ok_or_else(|| format!("{text:?} is not METRIC>=BOUND or METRIC<=BOUND, as in giou>=0.7"))?;
        let metric = METRICS
            .into_iter()
            .find(|known| *known == metric.trim())
            .ok_or_else(|| format!("there is no metric {metric:?}, only {}", METRICS.join(", ")))?;
        let bound: f64 = bound.trim().parse().map_err(|_| format!("the bound {bound:?} is not a number"))?;
        if !bound.is_finite() {
            return Err(format!("the bound {bound} is not finite"));
        }
        Ok(Self { metric, at_least, bound })
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.at_least { ">=" } else { "<=" };
        write!(f, "{}{sign}{}", self.metric, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read() {
        let read = |text: &str| text.parse::<Assertion>();
        assert_eq!(read("giou>=.70").unwrap().to_string(), "giou>=0.7");
        assert_eq!(read(" n-acc <= 1 ").unwrap().to_string(), "n-acc<=1");
        for (text, words) in [
            ("giou", "as in giou>=0.7"),
            ("iou>=1", "no metric \"iou\""),
            ("giou>=x", "not a number"),
            ("giou>=nan", "finite"),
        ] {
            assert!(read(text).unwrap_err().contains(words), "{text}");
        }
    }
}
