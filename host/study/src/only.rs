//! Chooses the entries of an earlier evaluation that went wrong.

use std::path::Path;
use std::str::FromStr;

use rescue_pipeline::State;
use serde_json::Value;

use crate::earlier::{Earlier, EvaluationFolderError};
use crate::metrics::EmptyRule;
use crate::repeat::entry_of;
use crate::sample_scores::SampleScores;
use crate::summary::best_and_mean;

/// Which entries are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Only {
    /// Those without a result, and those whose result is not complete.
    Failed,
    /// Those in which the verifier abstained in a match of the first strategy.
    Abstained,
    /// Those whose choice has an IoU that is lower than the oracle's by more than this: than that of the best candidate, or of choosing nothing.
    Regret(f64),
}

impl FromStr for Only {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "failed" => Ok(Self::Failed),
            "abstained" => Ok(Self::Abstained),
            other => {
                let bound = other.strip_prefix("regret>").and_then(|bound| bound.trim().parse::<f64>().ok());
                let bound = bound.filter(|bound| (0.0..1.0).contains(bound));
                bound.map(Self::Regret).ok_or_else(|| {
                    format!("{text:?} is none of failed, abstained and regret>X, as in regret>0.2, with X from 0 to 1")
                })
            }
        }
    }
}

impl Only {
    /// The ids of the entries that are meant, in an evaluation's folder.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be read.
    pub fn ids(self, folder: &Path) -> Result<Vec<String>, EvaluationFolderError> {
        let earlier = Earlier::read(folder)?;
        let meant = earlier.samples.values().filter(|sample| self.is_meant(sample, earlier.empty));
        let mut ids: Vec<String> = meant.map(|sample| sample.id.clone()).collect();
        if self == Self::Failed {
            let failed = earlier.summary.get("failed").and_then(Value::as_object).into_iter().flatten();
            let repeats = earlier.summary.get("repeats").and_then(Value::as_u64).unwrap_or(1) as u32;
            ids.extend(failed.map(|(id, _)| entry_of(id, repeats).to_owned()));
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    fn is_meant(self, sample: &SampleScores, empty: EmptyRule) -> bool {
        match (self, sample.own()) {
            (Self::Failed, _) => sample.state != State::Complete || sample.lacks_answers(),
            (Self::Abstained, own) => own.is_some_and(|own| own.matches.abstained > 0),
            (Self::Regret(bound), own) => {
                let chosen = own.and_then(|own| own.rerun).map_or(0.0, |overlap| overlap.iou(empty));
                best_and_mean(sample, sample.n, empty).0 - chosen > bound
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_read() {
        assert_eq!("regret>.2".parse(), Ok(Only::Regret(0.2)));
        assert_eq!("failed".parse(), Ok(Only::Failed));
        assert!("regret>2".parse::<Only>().is_err() && "regret>nan".parse::<Only>().is_err());
        assert!("bad".parse::<Only>().unwrap_err().contains("as in regret>0.2"));
    }
}
