//! Syncs a file to disk about once a second while it is written, in a thread of its own.

use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// About the longest time that written bytes wait to be synced.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// A thread that syncs one file. Dropping this stops the thread without a last sync.
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
        let for_thread = Arc::clone(&shared);
        let thread = Builder::new().name("ledger sync".to_owned()).spawn(move || for_thread.run(&file))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Tells the thread that there is something to sync.
    pub fn mark_dirty(&self) {
        let mut state = self.shared.lock();
        if !state.dirty {
            state.dirty = true;
            self.shared.wake.notify_one();
        }
    }

    /// The error of a sync that failed since the last call; `None` if all succeeded. After an error, bytes written since the last
    /// successful sync may be lost in a power failure.
    pub fn take_failure(&self) -> Option<io::Error> {
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
            let pause = self.wake.wait_timeout_while(state, SYNC_INTERVAL, |state| !state.stop);
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
            let _panicked = thread.join();
        }
    }
}
