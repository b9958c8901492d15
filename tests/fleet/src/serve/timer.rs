//! A timer that is more precise than tokio's, whose resolution of a millisecond is 2 % of the latencies that benchmarks
//! use.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;

use tokio::sync::oneshot;

type Wait = (Instant, oneshot::Sender<()>);

/// A handle to the timer's thread, which wakes waiting tasks.
#[derive(Clone, Debug)]
pub(crate) struct PreciseTimer(Sender<Wait>);

impl PreciseTimer {
    /// Starts the timer's thread, which ends when the last clone is dropped.
    ///
    /// # Errors
    ///
    /// Returns an error if the thread cannot be started.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        std::thread::Builder::new().name("fleet-timer".to_owned()).spawn(move || tick(&receiver))?;
        Ok(Self(sender))
    }

    /// Waits until this instant.
    pub(crate) async fn until(&self, then: Instant) {
        let (wake, woken) = oneshot::channel();
        if then > Instant::now() && self.0.send((then, wake)).is_ok() {
            // If the thread has ended, the fleet is being stopped, and this returns at once.
            let _ = woken.await;
        }
    }
}

fn tick(receiver: &Receiver<Wait>) {
    // The number distinguishes waits that end at the same instant.
    let (mut waiting, mut number) = (BTreeMap::new(), 0_u64);
    loop {
        let now = Instant::now();
        while let Some(next) = waiting.first_entry()
            && next.key() <= &(now, u64::MAX)
        {
            let wake: oneshot::Sender<()> = next.remove();
            let _ = wake.send(());
        }
        let got = match waiting.first_key_value() {
            Some(((then, _), _)) => receiver.recv_timeout(then.saturating_duration_since(Instant::now())),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match got {
            Ok((then, wake)) => {
                number += 1;
                waiting.insert((then, number), wake);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
