//! What a run over several samples would ask: a dry run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Run;
use super::queue::Stop;
use super::sample_list::{Entry, ListedSample};
use super::service_answers::ServiceAnswers;
use crate::error::RunError;
use crate::sample::{Ahead, Expected, look_ahead};
use crate::services::ServiceName;

/// The first so many samples are looked at even if they have results: they tell how much a sample asks.
const LEARN: usize = 32;

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

/// What one service would be asked.
#[derive(Clone, Copy, Debug)]
pub struct Forecast {
    /// The service.
    pub service: ServiceName,
    /// The slots of all its replicas.
    pub slots: u32,
    /// Questions whose answers are known.
    pub known: usize,
    /// New questions that are certain.
    pub least: usize,
    /// About how many new questions, if the open samples ask as many as those whose answers are all known. `None` if there is none of these.
    pub about: Option<f64>,
    /// The mean seconds of a known answer's request. `None` if none is known.
    pub each: Option<f64>,
}

impl Forecast {
    /// At most about how many seconds its questions take if it is always busy. `None` if that cannot be told.
    pub fn seconds(&self) -> Option<f64> {
        match self.about? {
            0.0 => Some(0.0),
            about => Some(about * self.each? / f64::from(self.slots.max(1))),
        }
    }
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
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(entry) = list.entries().get(place) else { return };
                let (name, looked) = match entry {
                    Entry::Sample(listed) => (listed.id.clone(), self.look_at(listed, place < LEARN)),
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

    /// The questions of a sample; `None` if it has a result that counts and `learns` is false. Also whether it has such a result.
    fn look_at(&self, listed: &ListedSample, learns: bool) -> Result<(Option<Ahead>, bool), RunError> {
        let is_finished = self.finished(listed).is_some();
        if is_finished && !learns {
            return Ok((None, true));
        }
        let sample = self.read(listed, 0)?;
        let services = self.services().snapshot();
        let mut source = ServiceAnswers::new(&self.exchange, &self.tokio, None);
        let (surroundings, absences) = (self.surroundings(&services), self.earlier_absences(&sample));
        let ahead = look_ahead(surroundings, &sample, &self.options.of(&sample), &absences, &mut source)?;
        Ok((Some(ahead), is_finished))
    }
}

impl Expectation {
    /// What a service would be asked, which has so many slots.
    pub fn forecast(&self, service: ServiceName, slots: u32) -> Forecast {
        let of = |questions: &BTreeMap<ServiceName, Expected>| questions.get(&service).copied().unwrap_or_default();
        let (of_whole, of_open) = (of(&self.of_whole), of(&self.of_open));
        let mut all = of_whole;
        all.add(of_open);
        let about = |each: f64| (each * self.open as f64 - of_open.known as f64).max(of_open.new as f64);
        let each_sample = (self.whole > 0).then(|| of_whole.known as f64 / self.whole as f64);
        let about = if self.open == 0 { Some(0.0) } else { each_sample.map(about) };
        let each = (all.known > 0 && all.seconds > 0.0).then(|| all.seconds / all.known as f64);
        Forecast { service, slots, known: all.known, least: of_open.new, about, each }
    }

    fn add(&mut self, id: String, looked: Result<(Option<Ahead>, bool), RunError>) {
        self.looked += 1;
        let (ahead, is_finished) = match looked {
            Ok(looked) => looked,
            Err(error) => return drop(self.failed.insert(id, error.to_string())),
        };
        let Some(Ahead { questions, is_whole }) = ahead else { return self.finished += 1 };
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
