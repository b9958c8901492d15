//! Searches the samples of a run's list: many at a time, the results in the order of the list.
//!
//! Each sample under way has a thread of its own, which computes its result by the canonical pass; which answers are asked first is
//! decided by the exchange. So neither the number of threads nor the order in which samples end can change a result.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rescue_config::LedgerMode;
use rescue_core::Digest;
use rescue_service::Feature;
use serde::Deserialize;
use serde_json::Value;

use super::admission::enough;
use super::folder::{RESULTS, RunFile, SAMPLES, Searched};
use super::index::{Index, ResultLine, SampleState};
use super::queue::{Admitted, Queue, Stop};
use super::sample_list::{Entry, ListedSample, SampleList};
use super::{Run, UnderWay, result_files, same_run};
use crate::error::RunError;
use crate::exchange::ExchangeError;
use crate::photo::PhotoError;
use crate::progress::Progress;
use crate::sample::{Outcome, RunTimings, Sample};
use crate::services::ServiceName;
use crate::whole_file::{WriteError, replace, replace_json};

/// The most samples under way, each of which has a thread.
const MAX_THREADS: usize = 1024;
/// How often those who wait look around.
const LOOK: Duration = Duration::from_millis(200);

/// What happens in a run over several samples.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// What came of the next sample of the list.
    Ended(&'a ResultLine),
    /// Something that concerns all samples: a server asks to wait, or a part of requests is left out.
    Progress(Progress<'a>),
    /// Time has passed: this many samples have ended, and so many are under way.
    Tick {
        /// Samples that have ended, in whatever order; those of earlier runs are among them.
        ended: usize,
        /// Samples of earlier runs among them.
        known: usize,
        /// Samples under way.
        under_way: usize,
    },
}

/// What came of a run over several samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Samples with a result, those of earlier runs among them.
    pub searched: usize,
    /// Results in which the thing was found.
    pub found: usize,
    /// Results that are not complete.
    pub incomplete: usize,
    /// Results in which it was not found while answers are missing or could not be read.
    pub unanswered: usize,
    /// Results that lack answers, which `--fill` asks for again.
    pub lacking: usize,
    /// Samples and lines without a result.
    pub failed: usize,
    /// Samples that were not begun, because it was wished to stop.
    pub left: usize,
}

/// What a thread tells of its sample.
enum Told {
    /// The sample at this place has ended. Whether its result is an earlier run's.
    Ended(usize, ResultLine, bool),
    Waiting(ServiceName, u64),
    Resting(ServiceName, usize),
    LeftOut(ServiceName, Feature, String),
    /// The run cannot go on.
    Failed(RunError),
}

impl Run {
    /// Searches all samples of the run's list. If the run has a folder, each result is written into a folder of its own there, and one
    /// line for each sample into the index; samples that have a result already keep it. `seen` is called with each new result, by the
    /// thread that has computed it. `event` is told of each sample in the order of the list, and of what happens meanwhile.
    ///
    /// A sample that fails does not stop the others. A run that is stopped ends when what is under way has ended. A run without a list
    /// has nothing to do.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder holds another run, a file or the ledger cannot be written, or a service answers nothing any more.
    /// What was finished before is kept.
    pub fn search_all(
        &self,
        stop: &Stop,
        seen: &(dyn Fn(&ListedSample, &Sample, &Outcome) + Sync),
        event: &mut dyn FnMut(Event),
    ) -> Result<Tally, RunError> {
        let start = Instant::now();
        let Some(list) = self.spec.samples.as_deref() else { return Ok(Tally::default()) };
        if self.spec.out.is_some() && self.has_begun.swap(true, Ordering::Relaxed) {
            return Err(RunError::SecondSample(self.spec.out.clone().unwrap_or_default()));
        }
        let (kept, searched) = self.check_list()?;
        if let Some(folder) = &self.spec.out {
            let file = folder.join(SAMPLES);
            replace(&file, &kept).map_err(|cause| WriteError { file, cause })?;
        }
        self.write_run_file(&searched)?;
        let most = match self.spec.config.run.in_flight {
            0 => enough(self.exchange.loads().map(|(_, load)| load.slots as usize).max().unwrap_or(1)),
            most => most as usize,
        };
        let most = most.min(MAX_THREADS);
        let mut index = self.spec.out.as_deref().map(Index::begin).transpose()?;
        let queue = Queue::new(list, self.options.count, stop);
        let (teller, told) = channel();
        let outcome = std::thread::scope(|scope| {
            for _ in 0..most.min(list.entries().len()) {
                let (teller, queue) = (teller.clone(), &queue);
                scope.spawn(move || {
                    while let Some(admitted) = queue.next() {
                        self.end_one(&admitted, seen, &teller);
                    }
                });
            }
            drop(teller);
            self.listen(&queue, &told, index.as_mut(), event)
        });
        let outcome = self.with_known_rest(list, outcome, index.as_mut());
        self.exchange.flush()?;
        if let Some(folder) = &self.spec.out {
            let seconds = self.opening + start.elapsed().as_secs_f64();
            let timings = RunTimings { seconds, accounts: self.exchange.accounts() };
            replace_json(&folder.join("timings.json"), &timings)?;
        }
        outcome
    }

    /// Checks that the run's list can be searched into its folder: that the folder holds no other run, or results without a run. A search
    /// checks it again.
    ///
    /// # Errors
    ///
    /// Returns an error if it does.
    pub fn check(&self) -> Result<(), RunError> {
        self.check_list().map(drop)
    }

    /// The run's list as it is kept, and what `run.json` says of it.
    fn check_list(&self) -> Result<(Vec<u8>, Searched), RunError> {
        let list = self.spec.samples.as_deref().cloned().unwrap_or_default();
        let kept = list.write().map_err(|cause| WriteError { file: SAMPLES.into(), cause })?;
        let searched = Searched::Many { samples: Digest::of(&kept), count: list.entries().len() as u64 };
        if let Some(folder) = &self.spec.out {
            self.check_folder(&searched, folder, &kept)?;
        }
        Ok((kept, searched))
    }

    /// Fails if the folder holds another run, or results without a run. `kept` is the run's list of samples as it is kept.
    fn check_folder(&self, searched: &Searched, folder: &Path, kept: &[u8]) -> Result<(), RunError> {
        let difference = match RunFile::read(folder) {
            Ok(earlier)
                if (earlier.config.run.ledger_mode == LedgerMode::Replay)
                    != (self.exchange.mode() == LedgerMode::Replay) =>
            {
                Some("one of the two is a replay".into())
            }
            Ok(earlier) => {
                let grown = self.spec.may_grow && Self::has_all_of(folder, kept);
                same_run::difference(&earlier, &self.run_file(searched.clone(), folder), grown)
            }
            Err(error) if error.cause.kind() != io::ErrorKind::NotFound => {
                Some(format!("its run.json cannot be read: {}", error.cause))
            }
            Err(_) if folder.join(RESULTS).exists() => Some("it has results, but no run.json".into()),
            Err(_) => None,
        };
        difference.map_or(Ok(()), |difference| Err(RunError::OtherRun { folder: folder.to_owned(), difference }))
    }

    /// Whether all samples of the earlier run in this folder are among those of a list, as it is kept.
    fn has_all_of(folder: &Path, kept: &[u8]) -> bool {
        let earlier = std::fs::read(folder.join(SAMPLES)).and_then(|bytes| SampleList::read_kept(&bytes));
        let (Ok(earlier), Ok(list)) = (earlier, SampleList::read_kept(kept)) else { return false };
        let sample = |entry: &Entry| match entry {
            Entry::Sample(ListedSample { id, query, image, seed, .. }) => {
                Some((id.clone(), query.clone(), image.clone(), *seed))
            }
            Entry::Bad(_) => None,
        };
        let own: BTreeSet<_> = list.entries().iter().filter_map(sample).collect();
        earlier.entries().iter().filter_map(sample).all(|sample| own.contains(&sample))
    }

    /// Adds the results behind the last sample that was begun: an earlier run has finished them.
    fn with_known_rest(
        &self,
        list: &SampleList,
        outcome: Result<Tally, RunError>,
        index: Option<&mut Index>,
    ) -> Result<Tally, RunError> {
        let next = index.as_ref().map_or(0, |index| index.lines);
        let rest = list.entries().iter().skip(next).filter_map(|entry| match entry {
            Entry::Sample(listed) => self.finished(listed),
            Entry::Bad(_) => None,
        });
        let known: Vec<ResultLine> = rest.collect();
        if let Some(index) = index {
            known.iter().try_for_each(|line| index.add(line))?;
        }
        let mut tally = outcome?;
        known.iter().for_each(|line| tally.add(line));
        tally.left = list.entries().len() - tally.searched - tally.failed;
        Ok(tally)
    }

    /// Searches an entry and tells what came of it.
    fn end_one(
        &self,
        admitted: &Admitted,
        seen: &(dyn Fn(&ListedSample, &Sample, &Outcome) + Sync),
        teller: &Sender<Told>,
    ) {
        let place = admitted.place;
        let listed = match admitted.entry {
            Entry::Bad(bad) => return drop(teller.send(Told::Ended(place, ResultLine::bad(bad), false))),
            Entry::Sample(listed) => listed,
        };
        if let Some(line) = self.finished(listed) {
            return drop(teller.send(Told::Ended(place, line, true)));
        }
        let told = match self.result_of(listed, place, seen, teller) {
            Ok(line) => Told::Ended(place, line, false),
            Err(error) => self.failed(admitted, listed, error),
        };
        drop(teller.send(told)); // The listener lives as long as the threads.
    }

    /// What is told of a sample that has failed. If the whole run has, nothing new begins.
    fn failed(&self, admitted: &Admitted, listed: &ListedSample, error: RunError) -> Told {
        if self.ends_run(&error) {
            admitted.queue.stop.stop();
            Told::Failed(error)
        } else {
            Told::Ended(admitted.place, ResultLine::failed(listed, one_line(&error)), false)
        }
    }

    fn result_of(
        &self,
        listed: &ListedSample,
        place: usize,
        seen: &(dyn Fn(&ListedSample, &Sample, &Outcome) + Sync),
        teller: &Sender<Told>,
    ) -> Result<ResultLine, RunError> {
        let sample = self.read(listed, place as u64)?;
        let folder = self.spec.out.as_ref().map(|folder| folder.join(RESULTS).join(&listed.id));
        let trace = self.spec.trace.as_ref().map(|folder| folder.join(&listed.id));
        folder.iter().chain(&trace).try_for_each(|folder| result_files::prepare(folder))?;
        let without = self.recorded(listed, &sample)?;
        let start = Instant::now();
        let mut tell = |progress: Progress| {
            // The listener lives as long as the threads.
            drop(match progress {
                Progress::Waiting(service, seconds) => teller.send(Told::Waiting(service, seconds)),
                Progress::Resting(service, replica) => teller.send(Told::Resting(service, replica)),
                Progress::LeftOut(service, feature, cause) => {
                    teller.send(Told::LeftOut(service, feature, cause.to_owned()))
                }
                _ => return,
            });
        };
        let under_way = UnderWay { alone: None, trace, without };
        let mut outcome = self.search_one(&sample, &under_way, &mut tell)?;
        outcome.timings.add("total", start);
        seen(listed, &sample, &outcome);
        if let Some(folder) = &folder {
            result_files::write(folder, &sample.photo, &outcome, self.spec.overlays)?;
        }
        let result = serde_json::to_value(&outcome.record).unwrap_or_default();
        let mut line = ResultLine::of_result(listed, &result)
            .ok_or_else(|| RunError::from(rescue_service::ServiceError::bug("run", "a result without a state")))?;
        line.folder = line.folder.filter(|_| folder.is_some());
        Ok(line)
    }

    /// Reads the photo of a sample, which has this number in the run.
    pub(super) fn read(&self, listed: &ListedSample, number: u64) -> Result<Sample, RunError> {
        // What is no file may never end: the others wait for nothing.
        if std::fs::metadata(&listed.image).is_ok_and(|about| !about.is_file()) {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "it is not a file").into();
            return Err(PhotoError { file: listed.image.clone(), cause }.into());
        }
        let mut sample = Sample::read(&listed.image, &listed.query)?;
        (sample.id, sample.number, sample.seed) = (Some(listed.id.clone()), number, listed.seed);
        sample.check(&self.options)?;
        Ok(sample)
    }

    /// In a replay, the optional parts that the requests for a sample did not have when it was first searched. `None` if this is no
    /// replay. Fails if the photo is another one.
    fn recorded(
        &self,
        listed: &ListedSample,
        sample: &Sample,
    ) -> Result<Option<BTreeMap<String, Vec<String>>>, RunError> {
        let replayed = self.spec.earlier.as_ref().filter(|_| self.exchange.mode() == LedgerMode::Replay);
        let Some(result) = replayed.and_then(|folder| result_in(folder, &listed.id)) else {
            return Ok(None);
        };
        let digest = sample.photo.digest();
        if result.pointer("/image/sha256") != serde_json::to_value(digest).ok().as_ref() {
            return Err(RunError::OtherPhoto(listed.image.clone()));
        }
        let without = result.get("without").and_then(|without| BTreeMap::deserialize(without).ok());
        Ok(Some(without.unwrap_or_default()))
    }

    /// The line of a sample that has a result already. With "fill", one without any absence.
    pub(super) fn finished(&self, listed: &ListedSample) -> Option<ResultLine> {
        let folder = self.spec.out.as_ref().filter(|_| self.exchange.mode() != LedgerMode::Replay)?;
        let result = result_in(folder, &listed.id)?;
        let is = |name: &str, value: Value| result.get(name) == Some(&value);
        let own = is("query", listed.query.trim().into())
            && is("n", self.options.count.into())
            && is("seed", listed.seed.unwrap_or(self.options.seed.0).into());
        if !own {
            return None;
        }
        let line = ResultLine::of_result(listed, &result)?;
        if line.found && !folder.join(RESULTS).join(&listed.id).join("mask.png").is_file() {
            return None;
        }
        if !self.spec.still_counts.of(&listed.id) {
            return None;
        }
        let lacks = matches!(line.state, SampleState::Degraded | SampleState::Cut);
        (!(lacks && self.fills())).then_some(line)
    }

    /// Whether an error of one sample is one of all: a file or the ledger cannot be written, a service does not work, or two samples one
    /// after another got no answer of a service, and no other request did in between.
    pub(super) fn ends_run(&self, error: &RunError) -> bool {
        match error {
            RunError::Exchange(ExchangeError::Silent(error)) => {
                let Some(service) = ServiceName::of(&error.service) else { return true };
                let load = self.exchange.loads().find(|(name, _)| *name == service);
                let answered = load.map_or(0, |(_, load)| load.answered);
                let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
                silent.insert(service, answered) == Some(answered)
            }
            RunError::Exchange(ExchangeError::Service(error)) => !error.of_sample,
            RunError::Exchange(ExchangeError::Entry { .. } | ExchangeError::Missing { .. }) => false,
            RunError::Exchange(_) | RunError::Write(_) | RunError::Runtime(_) => true,
            _ => false,
        }
    }

    /// Tells what the threads tell, results in the order of the list, and writes the index.
    fn listen(
        &self,
        queue: &Queue,
        told: &Receiver<Told>,
        mut index: Option<&mut Index>,
        event: &mut dyn FnMut(Event),
    ) -> Result<Tally, RunError> {
        let (mut tally, mut failure) = (Tally::default(), None);
        let mut waiting: BTreeMap<usize, ResultLine> = BTreeMap::new();
        let (mut waits, mut resting): (BTreeMap<ServiceName, Instant>, BTreeSet<_>) = Default::default();
        let (mut next, mut ended, mut known) = (0, 0, 0);
        loop {
            match told.recv_timeout(LOOK) {
                Ok(Told::Ended(place, line, is_known)) => {
                    ended += 1;
                    known += usize::from(is_known);
                    waiting.insert(place, line);
                }
                // Every sample tells of the same wait.
                Ok(Told::Waiting(service, seconds)) => {
                    let (now, until) = (Instant::now(), Instant::now() + Duration::from_secs(seconds));
                    if waits.get(&service).is_none_or(|until| *until <= now) {
                        event(Event::Progress(Progress::Waiting(service, seconds)));
                        waits.insert(service, until);
                    }
                }
                Ok(Told::Resting(service, replica)) => {
                    if resting.insert((service, replica)) {
                        event(Event::Progress(Progress::Resting(service, replica)));
                    }
                }
                Ok(Told::LeftOut(service, feature, cause)) => {
                    event(Event::Progress(Progress::LeftOut(service, feature, &cause)));
                }
                Ok(Told::Failed(error)) => drop(failure.get_or_insert(error)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Some(line) = waiting.remove(&next) {
                next += 1;
                tally.add(&line);
                // What the index lacks is written when the run goes on.
                if let Some(Err(error)) = index.as_mut().map(|index| index.add(&line)) {
                    queue.stop.stop();
                    failure.get_or_insert(error.into());
                }
                event(Event::Ended(&line));
            }
            event(Event::Tick { ended, known, under_way: queue.under_way() });
        }
        if let Some(error) = failure {
            return Err(error);
        }
        Ok(tally)
    }
}

impl Tally {
    fn add(&mut self, line: &ResultLine) {
        match line.state {
            SampleState::Failed => self.failed += 1,
            state => {
                self.searched += 1;
                self.found += usize::from(line.found);
                self.incomplete += usize::from(state != SampleState::Complete);
                self.lacking += usize::from(matches!(state, SampleState::Degraded | SampleState::Cut));
                self.unanswered += usize::from(state != SampleState::Complete && !line.found);
            }
        }
    }
}

/// The result of a sample in the folder of a run. `None` if there is none that can be read.
fn result_in(folder: &Path, id: &str) -> Option<Value> {
    let bytes = std::fs::read(folder.join(RESULTS).join(id).join("result.json")).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// An error with its causes in one line.
fn one_line(error: &RunError) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}
