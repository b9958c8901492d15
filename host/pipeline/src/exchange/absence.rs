//! Questions without an answer.

use serde::{Deserialize, Serialize};

/// Why a question got no answer in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AbsenceKind {
    /// All tries failed.
    Failed,
    /// The service would not take it.
    Rejected,
    /// The sample's time was over.
    Cut,
}

/// A question that got no answer in this run: the only fact of time that a result depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Why.
    pub kind: AbsenceKind,
    /// Which service was asked.
    pub service: String,
    /// What happened, for people.
    pub why: String,
}

impl Absence {
    pub(crate) fn unasked() -> Self {
        Self { kind: AbsenceKind::Failed, service: "host".into(), why: "it was not asked".into() }
    }

    pub(crate) fn cut(service: &str) -> Self {
        let why = "the time for this sample was over".to_owned();
        Self { kind: AbsenceKind::Cut, service: service.to_owned(), why }
    }
}
