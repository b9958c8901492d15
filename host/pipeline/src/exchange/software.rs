//! The software that answers for a model: a change under the same name and revision may be another model.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rescue_service::ServiceError;

use crate::services::ServiceName;

/// The fingerprint that each service's servers gave first. Answers of earlier runs count too.
#[derive(Default)]
pub(super) struct Software(Mutex<BTreeMap<ServiceName, String>>);

impl Software {
    /// Fails if an answer has another fingerprint than the first. An empty one says nothing.
    pub(super) fn check(&self, service: ServiceName, fingerprint: &str) -> Result<(), ServiceError> {
        if fingerprint.is_empty() {
            return Ok(());
        }
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = first.entry(service).or_insert_with(|| fingerprint.to_owned());
        if first == fingerprint {
            return Ok(());
        }
        let cause = format!(
            "answers under one model and revision come from different software: the servers' system_fingerprint is {first:?} and \
             {fingerprint:?}"
        );
        let way_out = format!(
            "Give the model as it is now another {service}.revision, or allow it with {service}.other-model=true."
        );
        Err(ServiceError::failed(service.as_str(), cause, way_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_fingerprint_is_an_error_that_names_both() {
        let software = Software::default();
        let check = |service, fingerprint| software.check(service, fingerprint);
        assert!(check(ServiceName::Verifier, "").is_ok() && check(ServiceName::Verifier, "fp-1").is_ok());
        assert!(check(ServiceName::Verifier, "fp-1").is_ok() && check(ServiceName::Planner, "fp-2").is_ok());
        let error = check(ServiceName::Verifier, "fp-2").unwrap_err().to_string();
        for part in ["verifier: ", "\"fp-1\" and \"fp-2\"", "verifier.revision", "verifier.other-model=true"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
