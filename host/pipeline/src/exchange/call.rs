//! Questions on their way to a service.

use std::sync::Arc;

use rescue_service::{AskError, Asked, BoxFuture, Source};
use serde_json::Value;

use super::desk::Desk;

/// A fresh answer.
pub(crate) struct Fresh {
    pub(crate) answer: Value,
    pub(crate) source: Source,
}

/// Sends those of a call's questions that are named by their places, to a replica; answers in the same order.
pub(crate) type Send =
    Arc<dyn Fn(usize, Vec<usize>) -> BoxFuture<'static, Result<Vec<Fresh>, AskError>> + std::marker::Send + Sync>;

/// Questions that can go into one request.
pub(crate) struct Call {
    pub(crate) desk: Arc<Desk>,
    /// Requests with the same one go to the same replica, while that has room.
    pub(crate) affinity: [u8; 32],
    pub(crate) questions: Vec<Asked>,
    /// Whether its questions are draws of one, each of which takes a slot of its own.
    pub(crate) weighs: bool,
    pub(crate) send: Send,
}
