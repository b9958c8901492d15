//! How the ledger holds what a detector answered.

use rescue_core::Detection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::traits::Detected;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Found(Vec<Detection>),
    Unknown { why: String },
}

/// A detector's answer in the ledger's form.
///
/// # Errors
///
/// Returns an error if it cannot be written as JSON.
pub fn write_detected(detected: Detected) -> Result<Value, serde_json::Error> {
    serde_json::to_value(match detected {
        Ok(found) => Written::Found(found),
        Err(why) => Written::Unknown { why },
    })
}

/// A detector's answer from the ledger's form.
///
/// # Errors
///
/// Returns an error if the value is not the answer of a detector.
pub fn read_detected(value: &Value) -> Result<Detected, serde_json::Error> {
    Ok(match Written::deserialize(value)? {
        Written::Found(found) => Ok(found),
        Written::Unknown { why } => Err(why),
    })
}
