//! What a run over several samples would ask: a dry run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Run;
use super::queue::Stop;
use super::sample_list::{Entry, ListedSample};
use super::service_answers::ServiceAnswers;
use crate::error::RunError;
use crate::sample::{Ahead, Expected, Sample, Surroundings, look_ahead};
use crate::services::ServiceName;

/// What a run over several samples would ask, as far as the answers that are known tell.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Samples with a result.
    pub finished: usize,
    /// Samples without a result, all of whose answers are known.
    pub known: usize,
    /// Samples that need answers which are not known: what they would ask after those is not known either.
    pub open: usize,
    /// Samples that cannot be searched, and why.
    pub failed: BTreeMap<String, String>,
    /// The questions of samples without a result whose answers are all known, by service.
    pub of_known: BTreeMap<ServiceName, Expected>,
    /// The questions of the open samples as far as they are known.
    pub of_open: BTreeMap<ServiceName, Expected>,
}

impl Run {
    /// Looks ahead over all samples of the run's list, on all processors. No model is asked and no result is written. `told` is called with
    /// the number of samples that were looked at.
    ///
    /// # Errors
    ///
    /// Returns an error if the ledger cannot be read.
    pub fn look_ahead(&self, stop: &Stop, told: &(dyn Fn(usize) + Sync)) -> Result<Expectation, RunError> {
        let Some(list) = self.spec.samples.as_deref() else { return Ok(Expectation::default()) };
        let (next, expectation) = (AtomicUsize::new(0), Mutex::new(Expectation::default()));
        let work = || {
            while !stop.is_stopped() {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(entry) = list.entries().get(place) else { return };
                let Entry::Sample(listed) = entry else { continue };
                let looked = self.look_at(listed);
                let mut sum = expectation.lock().unwrap_or_else(PoisonError::into_inner);
                match looked {
                    Ok(None) => sum.finished += 1,
                    Ok(Some(Ahead { questions, is_whole: true })) => {
                        sum.known += 1;
                        add(&mut sum.of_known, questions);
                    }
                    Ok(Some(Ahead { questions, .. })) => {
                        sum.open += 1;
                        add(&mut sum.of_open, questions);
                    }
                    Err(error) => drop(sum.failed.insert(listed.id.clone(), error.to_string())),
                }
                drop(sum);
                told(place + 1);
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        Ok(expectation.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The questions of a sample. `None` if it has a result.
    fn look_at(&self, listed: &ListedSample) -> Result<Option<Ahead>, RunError> {
        if self.finished(listed).is_some() {
            return Ok(None);
        }
        let mut sample = Sample::read(&listed.image, &listed.query)?;
        sample.id = Some(listed.id.clone());
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
        look_ahead(surroundings, &sample, &self.options, &mut source).map(Some)
    }
}

fn add(sum: &mut BTreeMap<ServiceName, Expected>, questions: BTreeMap<ServiceName, Expected>) {
    for (service, expected) in questions {
        sum.entry(service).or_default().add(expected);
    }
}
