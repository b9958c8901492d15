//! Questions that got no answer in a run.

use rescue_ledger::Key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::services::ServiceName;

/// Why a question got no answer in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AbsenceKind {
    /// Every attempt failed, or none was made.
    Failed,
    /// The service refused the request.
    Rejected,
    /// The sample's deadline passed first.
    Cut,
}

/// A question that got no answer in this run. Nothing else in a result may depend on when it was computed.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Absence {
    /// The kind of failure.
    pub kind: AbsenceKind,
    /// The service that was asked.
    pub service: String,
    /// What happened, for people.
    pub why: String,
}

/// An absence with the key of its question, as `result.json` lists it.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct AbsenceRecord {
    /// The question's key.
    #[schemars(with = "String")]
    pub key: Key,
    /// Why there is no answer.
    #[serde(flatten)]
    pub absence: Absence,
}

impl Absence {
    /// The absence of an answer to a question that was never sent.
    pub(crate) fn not_asked() -> Self {
        Self { kind: AbsenceKind::Failed, service: "host".into(), why: "it was not asked".into() }
    }

    /// The absence of an answer that did not come before the sample's deadline.
    pub(crate) fn cut(service: ServiceName) -> Self {
        let why = "the time for this sample was over".to_owned();
        Self { kind: AbsenceKind::Cut, service: service.to_string(), why }
    }
}
