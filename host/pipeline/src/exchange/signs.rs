//! Whether a service still answers at all.

use tokio::time::Instant;

use crate::services::Policy;

/// What was seen of a service since its last answer.
#[derive(Default)]
pub(super) struct Signs {
    /// When that answer came. `None` if none has come.
    answered: Option<Instant>,
    /// When it first refused a request as one too many. `None` if it has not.
    refused_since: Option<Instant>,
    /// Requests that were sent after that answer, and failed.
    failures: u32,
    /// When the first of them was sent. `None` if none failed.
    failing_since: Option<Instant>,
}

impl Signs {
    /// Notes an answer.
    pub(super) fn answered(&mut self) {
        *self = Self { answered: Some(Instant::now()), ..Self::default() };
    }

    /// Notes that a request was refused as one too many.
    pub(super) fn refused(&mut self) {
        self.refused_since.get_or_insert_with(Instant::now);
    }

    /// Whether all requests have been refused for longer than a server may ask to wait.
    pub(super) fn refused_all(&self, policy: &Policy) -> bool {
        self.refused_since.is_some_and(|since| since.elapsed() > policy.longest_wait)
    }

    /// Notes a failure of a request that was sent at this time. Whether the service is silent.
    pub(super) fn failed(&mut self, sent: Instant, policy: &Policy) -> bool {
        // Of requests sent together, those that hang fail after the others were answered. They say nothing of the time since then.
        if self.answered.is_some_and(|answered| sent <= answered) {
            return false;
        }
        self.failures += 1;
        let since = *self.failing_since.get_or_insert(sent);
        self.failures >= SILENT.max(policy.attempts) && since.elapsed() >= policy.longest_wait
    }
}

/// After so many failures in a row, and if it answered nobody for so long as it may take for an answer, a service is asked nothing for a
/// while. A service that fails at one request in seven fails at eight in a row once in six million times.
pub(super) const SILENT: u32 = 8;
