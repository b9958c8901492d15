//! Syncs a file about once a second while it is written, beside those who write.

use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// How long written bytes wait for the disk, at most and about.
const PAUSE: Duration = Duration::from_secs(1);

/// A thread that syncs one file. It ends when this is dropped, without a last sync.
pub(crate) struct Flusher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    dirty: bool,
    stop: bool,
    failure: Option<io::Error>,
}

impl Flusher {
    pub fn start(file: File) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = Builder::new().name("ledger sync".to_owned()).spawn(move || theirs.run(&file))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Says that something was written.
    pub fn wrote(&self) {
        let mut state = self.shared.lock();
        if !state.dirty {
            state.dirty = true;
            self.shared.wake.notify_one();
        }
    }

    /// What a sync failed of since the last call. What was written since the last good sync may then be lost with the power.
    pub fn failure(&self) -> Option<io::Error> {
        self.shared.lock().failure.take()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, file: &File) {
        let mut state = self.lock();
        loop {
            let idle = |state: &mut State| !state.dirty && !state.stop;
            state = self.wake.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner);
            let pause = self.wake.wait_timeout_while(state, PAUSE, |state| !state.stop);
            state = pause.unwrap_or_else(PoisonError::into_inner).0;
            if state.stop {
                return;
            }
            state.dirty = false;
            drop(state);
            let done = file.sync_data();
            state = self.lock();
            if let Err(error) = done {
                state.failure = Some(error);
            }
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _it_did_not_panic = thread.join();
        }
    }
}
