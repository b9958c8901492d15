//! What was spent at each service.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one service was asked, and what came of it. It varies from run to run.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct Account {
    /// Questions whose answers the ledger had.
    pub hit: u64,
    /// Questions that were already under way.
    pub joined: u64,
    /// Questions answered by the service.
    pub new: u64,
    /// Questions without an answer, also those that the deadline has cut off: their answers may come later.
    pub absent: u64,
    /// Questions that were asked no longer, because their answers were not needed.
    pub withdrawn: u64,
    /// Requests that were sent: `answered + failed + cancelled`, and those under way.
    pub sent: u64,
    /// Requests that got an answer.
    pub answered: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests that were cancelled, because their answers were not needed.
    pub cancelled: u64,
    /// Requests that were sent to a second replica because the first took long.
    pub hedged: u64,
    /// Bytes of bodies that were sent, those of failed requests too, and those that asked what the server is.
    pub bytes_sent: u64,
    /// Bytes of bodies that were received.
    pub bytes_received: u64,
    /// Tokens of questions, as the server reports them with its answers; 0 if it reports none.
    pub tokens_in: u64,
    /// Tokens of answers, likewise.
    pub tokens_out: u64,
    /// Slot-seconds: the seconds for which each slot was held, added up.
    pub slot_seconds: f64,
    /// The most slots held at the same time.
    pub peak: u32,
}

/// What a service does at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The slots of all its replicas.
    pub slots: u32,
    /// Slots in use.
    pub held: u32,
    /// Requests that wait for a slot.
    pub waiting: usize,
    /// Requests that got an answer so far.
    pub answered: u64,
}

/// The account of each service, by its name.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
#[serde(transparent)]
pub struct Accounts(pub BTreeMap<String, Account>);

impl Accounts {
    /// Whether there is no account.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sum of all accounts; `peak` is the largest.
    pub fn total(&self) -> Account {
        let mut total = Account::default();
        for account in self.0.values() {
            let Account {
                hit,
                joined,
                new,
                absent,
                withdrawn,
                sent,
                answered,
                failed,
                cancelled,
                hedged,
                bytes_sent,
                bytes_received,
                tokens_in,
                tokens_out,
                slot_seconds,
                peak,
            } = account;
            total.hit += hit;
            total.joined += joined;
            total.new += new;
            total.absent += absent;
            total.withdrawn += withdrawn;
            total.sent += sent;
            total.answered += answered;
            total.failed += failed;
            total.cancelled += cancelled;
            total.hedged += hedged;
            total.bytes_sent += bytes_sent;
            total.bytes_received += bytes_received;
            total.tokens_in += tokens_in;
            total.tokens_out += tokens_out;
            total.slot_seconds += slot_seconds;
            total.peak = total.peak.max(*peak);
        }
        total
    }
}

/// Tokens, as the servers reported them when they answered; 0 if they reported none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Tokens {
    /// The tokens of questions.
    pub tokens_in: u64,
    /// The tokens of answers.
    pub tokens_out: u64,
}

impl Tokens {
    /// The tokens of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
        }
    }
}
