//! Waits that end when they should: tokio's timers are a millisecond coarse, which is 2 % of the holds that benches use.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;

use tokio::sync::oneshot;

type Wait = (Instant, oneshot::Sender<()>);

/// A thread that wakes whoever asked it to.
#[derive(Clone, Debug)]
pub(crate) struct Metronome(Sender<Wait>);

impl Metronome {
    /// Starts the thread; it ends when the last clone is dropped.
    ///
    /// # Errors
    ///
    /// Where the system gives no thread.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        std::thread::Builder::new().name("fleet-metronome".to_owned()).spawn(move || tick(&receiver))?;
        Ok(Self(sender))
    }

    /// Waits until then.
    pub(crate) async fn until(&self, then: Instant) {
        let (wake, woken) = oneshot::channel();
        if then > Instant::now() && self.0.send((then, wake)).is_ok() {
            // A thread that is gone wakes at once: the fleet is being stopped.
            let _ = woken.await;
        }
    }
}

fn tick(receiver: &Receiver<Wait>) {
    // The number tells apart those that end at the same instant.
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
