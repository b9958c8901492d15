//! How long something takes, and how much of that is work.

use std::fs;
use std::time::Instant;

use crate::Failure;

/// Seconds that passed, and seconds of CPU time that all threads took together, in the program and in the system.
#[derive(Clone, Copy, Default)]
pub struct Spent {
    pub wall: f64,
    pub cpu: f64,
}

impl Spent {
    /// Runs it, and adds what it took.
    pub fn add<T>(&mut self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let (begun, before) = (Instant::now(), cpu()?);
        let done = work()?;
        self.wall += begun.elapsed().as_secs_f64();
        self.cpu += cpu()? - before;
        Ok(done)
    }

    /// What one run takes.
    pub fn of<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(Self, T), Failure> {
        let mut spent = Self::default();
        let done = spent.add(work)?;
        Ok((spent, done))
    }
}

/// CPU time of all threads that live now, in seconds; the system counts it in nanoseconds.
fn cpu() -> Result<f64, Failure> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir("/proc/self/task")? {
        // A thread that ended since it was listed is no longer counted.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        nanoseconds += text.split(' ').next().ok_or("an empty schedstat")?.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}
