//! Measures wall-clock and CPU time.

use std::fs;
use std::time::Instant;

use crate::Failure;

/// The seconds that passed, and the seconds of CPU time of all threads together, in user and in kernel mode.
#[derive(Clone, Copy, Default)]
pub struct Spent {
    pub wall: f64,
    pub cpu: f64,
}

impl Spent {
    /// Runs the work, and adds the time that it took.
    pub fn add<T>(&mut self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let (begun, before) = (Instant::now(), cpu()?);
        let done = work()?;
        self.wall += begun.elapsed().as_secs_f64();
        self.cpu += cpu()? - before;
        Ok(done)
    }

    /// Runs the work, and returns the time that it took.
    pub fn of<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(Self, T), Failure> {
        let mut spent = Self::default();
        let done = spent.add(work)?;
        Ok((spent, done))
    }
}

/// The CPU time of all threads that are alive now, in seconds.
fn cpu() -> Result<f64, Failure> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir("/proc/self/task")? {
        // A thread that has ended since it was listed is not counted.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        nanoseconds += text.split(' ').next().ok_or("an empty schedstat")?.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}
