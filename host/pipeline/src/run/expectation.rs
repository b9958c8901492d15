//! What a run over several samples would ask: a dry run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Run;
use super::queue::Stop;
use super::sample_list::{Entry, ListedSample};
use super::service_answers::ServiceAnswers;
use crate::error::RunError;
use crate::sample::{Ahead, Expected, Surroundings, look_ahead};
use crate::services::ServiceName;

/// What a run over several samples would ask, as far as the answers that are known tell.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Samples that were looked at: all, unless it was wished to stop.
    pub looked: usize,
    /// Samples with a result that counts.
    pub finished: usize,
    /// Samples without one, all of whose answers are known.
    pub known: usize,
    /// Samples that need answers which are not known: what they would ask after those is not known either.
    pub open: usize,
    /// Samples that cannot be searched, by id or line, and why.
    pub failed: BTreeMap<String, String>,
    /// Samples all of whose answers are known, with a result or without.
    pub whole: usize,
    /// Their questions, by service.
    pub of_whole: BTreeMap<ServiceName, Expected>,
    /// The questions of the open samples as far as they are known.
    pub of_open: BTreeMap<ServiceName, Expected>,
}

impl Run {
    /// Looks ahead over all samples of the run's list, on all processors. No model is asked and no result is written. `told` is called each
    /// time that a sample was looked at.
    ///
    /// # Errors
    ///
    /// Returns an error if the ledger cannot be read, or another error of the run and not of a sample occurs.
    pub fn look_ahead(&self, stop: &Stop, told: &(dyn Fn() + Sync)) -> Result<Expectation, RunError> {
        let Some(list) = self.spec.samples.as_deref() else { return Ok(Expectation::default()) };
        let (next, sum, fault) = (AtomicUsize::new(0), Mutex::new(Expectation::default()), Mutex::new(None));
        let work = || {
            while !stop.is_stopped() {
                let Some(entry) = list.entries().get(next.fetch_add(1, Ordering::Relaxed)) else { return };
                let (name, looked) = match entry {
                    Entry::Sample(listed) => (listed.id.clone(), self.look_at(listed)),
                    Entry::Bad(bad) => {
                        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                        sum.failed.insert(format!("line {}", bad.line), bad.why.clone());
                        continue;
                    }
                };
                match looked {
                    Err(error) if self.ends_run(&error) => {
                        stop.stop();
                        fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                    looked => sum.lock().unwrap_or_else(PoisonError::into_inner).add(name, looked),
                }
                told();
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        match fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(sum.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// The questions of a sample, and whether it has a result that counts.
    fn look_at(&self, listed: &ListedSample) -> Result<(Ahead, bool), RunError> {
        let sample = self.read(listed, 0)?;
        let services = self.services().snapshot();
        let surroundings = Surroundings {
            plugins: &self.plugins,
            strategies: &self.strategies,
            further: &self.spec.further,
            services: &services,
            room: self.room,
            traces: None,
            live: None,
        };
        let mut source = ServiceAnswers::new(&self.exchange, &self.tokio, None);
        look_ahead(surroundings, &sample, &self.options, &self.earlier_absences(&sample), &mut source)
            .map(|ahead| (ahead, self.finished(listed).is_some()))
    }
}

impl Expectation {
    fn add(&mut self, id: String, looked: Result<(Ahead, bool), RunError>) {
        self.looked += 1;
        let (Ahead { questions, is_whole }, is_finished) = match looked {
            Ok(looked) => looked,
            Err(error) => return drop(self.failed.insert(id, error.to_string())),
        };
        match (is_finished, is_whole) {
            (true, _) => self.finished += 1,
            (false, true) => self.known += 1,
            (false, false) => self.open += 1,
        }
        self.whole += usize::from(is_whole);
        let sum = match (is_finished, is_whole) {
            (_, true) => &mut self.of_whole,
            (false, false) => &mut self.of_open,
            (true, false) => return,
        };
        for (service, expected) in questions {
            sum.entry(service).or_default().add(expected);
        }
    }
}
