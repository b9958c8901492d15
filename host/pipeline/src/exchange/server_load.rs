//! Watches how much vLLM servers have to do: one that cannot keep up is sent fewer requests at once. How long answers take says nothing of
//! that, since it depends on how long they are.

use std::sync::{Arc, Weak};
use std::time::Duration;

use rescue_service::{ChatClient, ServerLoad};

use super::slot_pool::SlotPool;

/// How often a server is asked.
const EVERY: Duration = Duration::from_secs(5);
/// How often a server is asked that did not tell its load.
const SELDOM: Duration = Duration::from_secs(60);

/// How the load of a server changes.
#[derive(Debug, Default)]
struct Trend {
    last: Option<ServerLoad>,
    /// Whether more requests waited at the last look than at the one before.
    grew: bool,
}

impl Trend {
    /// Whether the server has too much to do: twice in a row, more requests wait there than before, or it has put off some that it had
    /// begun.
    fn has_too_much(&mut self, now: ServerLoad) -> bool {
        let Some(last) = self.last.replace(now) else { return false };
        let grew_before = std::mem::replace(&mut self.grew, now.waiting > last.waiting);
        now.preemptions > last.preemptions || grew_before && self.grew
    }
}

/// Watches a replica of a pool as long as the pool is there.
pub(super) async fn watch(pool: Weak<SlotPool>, replica: usize, client: Arc<ChatClient>) {
    let mut trend = Trend::default();
    loop {
        let load = client.server_load().await;
        let Some(pool) = pool.upgrade() else { return };
        if load.is_some_and(|load| trend.has_too_much(load)) {
            pool.step_down(replica);
        }
        drop(pool);
        tokio::time::sleep(if load.is_some() { EVERY } else { SELDOM }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_growth_is_too_much() {
        let mut trend = Trend::default();
        let mut look = |waiting, preemptions| trend.has_too_much(ServerLoad { waiting, preemptions });
        assert_eq!([look(9.0, 4.0), look(9.0, 4.0), look(8.0, 4.0), look(0.0, 4.0)], [false; 4]);
        // Requests that came at the same moment wait for a moment.
        assert!(!look(5.0, 4.0) && look(6.0, 4.0) && look(7.0, 4.0) && !look(7.0, 4.0) && !look(8.0, 4.0));
        assert!(look(0.0, 5.0) && !look(0.0, 5.0));
    }
}
