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
    /// The questions of samples without a result whose answers are all known, by service.
    pub of_known: BTreeMap<ServiceName, Expected>,
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

    /// The questions of a sample. `None` if it has a result that counts.
    fn look_at(&self, listed: &ListedSample) -> Result<Option<Ahead>, RunError> {
        if self.finished(listed).is_some() {
            return Ok(None);
        }
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
        look_ahead(surroundings, &sample, &self.options, &self.earlier_absences(&sample), &mut source).map(Some)
    }
}

impl Expectation {
    fn add(&mut self, id: String, looked: Result<Option<Ahead>, RunError>) {
        self.looked += 1;
        let (count, sum, questions) = match looked {
            Ok(None) => return self.finished += 1,
            Err(error) => return drop(self.failed.insert(id, error.to_string())),
            Ok(Some(Ahead { questions, is_whole: true })) => (&mut self.known, &mut self.of_known, questions),
            Ok(Some(Ahead { questions, .. })) => (&mut self.open, &mut self.of_open, questions),
        };
        *count += 1;
        for (service, expected) in questions {
            sum.entry(service).or_default().add(expected);
        }
    }
}
