//! A run: one execution with its configuration, plugins, services and ledger, and the folder that holds it.
//!
//! ```no_run
//! use rescue_pipeline::{Run, RunSpec, Sample};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = rescue_config::resolve(None, |name| std::env::var_os(name), &[])?.config;
//! let run = Run::open(RunSpec::new(config), &mut |note| eprintln!("{note}"))?;
//! let sample = Sample::read("street.jpg", "the second car from the left")?;
//! let outcome = run.search(&sample, &mut |_| {})?;
//! println!("{} pixels", outcome.mask.map_or(0, |mask| mask.area()));
//! # Ok(())
//! # }
//! ```

mod admission;
mod earlier;
mod expectation;
pub mod folder;
mod index;
mod interrupt;
mod queue;
pub mod result_files;
mod same_run;
pub mod sample_list;
mod search_all;
mod service_answers;
mod spec;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rescue_config::LedgerMode;
use rescue_ledger::{Access, Key, Ledger};
use rescue_plugin::trace::Traces;
use rescue_plugin::{Limits, Runtime};
use rescue_service::{Feature, Models};
use tokio::runtime::Runtime as Tokio;

#[cfg(test)]
pub(crate) use self::admission::enough;
pub use self::earlier::{EarlierRun, EarlierSampleError};
pub use self::expectation::{Expectation, Forecast};
pub use self::index::{INDEX_FORM, ResultLine, SampleState};
pub use self::queue::Stop;
pub use self::sample_list::{BadLine, Entry, ListedSample, SampleList, SampleListError};
pub use self::search_all::{Event, Tally};
pub use self::spec::{RunSpec, StillCounts};

use self::folder::{FORM, FolderLock, PROGRAM, RESULTS, RunFile, Searched, lock};
use self::service_answers::{ServiceAnswers, deadline};
use crate::error::RunError;
use crate::exchange::{Absence, Accounts, Exchange, ExchangeError, Load};
use crate::plugins::{self, Capabilities, PluginFile, PluginRecord, PluginSet};
use crate::progress::Progress;
use crate::sample::{Live, Options, Outcome, Sample, Surroundings, search};
use crate::services::{ServiceName, Services, connect, found_out, recorded, without_refused};

/// How often a sample begins anew because a server refuses an optional part of its requests: each part of two services.
const MAX_RESTARTS: usize = 2 * Feature::ALL.len();

/// An open run.
///
/// It owns the threads that drive requests, and its functions wait for them: they must not be called, nor a run be dropped, on a thread that
/// drives asynchronous code. Use a thread of your own there, as `spawn_blocking` gives.
pub struct Run {
    spec: RunSpec,
    options: Options,
    plugins: PluginSet,
    /// The plugins of the other strategies.
    strategies: Vec<PluginSet>,
    plugin_files: Vec<PluginFile>,
    /// The most entries in one step of a plugin.
    room: u32,
    exchange: Arc<Exchange>,
    tokio: Tokio,
    /// Seconds that opening took.
    opening: f64,
    /// Whether a search has begun to write into the folder.
    has_begun: AtomicBool,
    /// For each service that has answered none of a sample's questions, how many requests it had answered when that was last so.
    silent: Mutex<BTreeMap<ServiceName, u64>>,
    _lock: Option<FolderLock>,
}

impl Run {
    /// Opens a run: locks its folder, connects to the services, loads the plugins and opens the ledger. No question is asked yet, and no
    /// file of an earlier run in the folder has changed. `note` is told of warnings, and of the download of embedded networks.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be written or is in use, a service does not work, a plugin cannot be loaded, or the ledger
    /// cannot be opened.
    pub fn open(mut spec: RunSpec, note: &mut dyn FnMut(&str)) -> Result<Self, RunError> {
        let start = Instant::now();
        let mode = spec.config.run.ledger_mode;
        let mut options = Options::from(&spec.config);
        if mode == LedgerMode::Replay {
            // The earlier result tells what was cut; a replay may take as long as it takes.
            options.deadline = 0.0;
            if let (true, Some(folder)) = (spec.models.is_empty(), &spec.out) {
                spec.models = RunFile::read(folder).map(|run| run.models).unwrap_or_default();
            }
        }
        spec.out.iter().chain(&spec.trace).try_for_each(|folder| result_files::prepare(folder))?;
        let lock = spec.out.as_deref().map(lock).transpose()?;
        if let (Some(folder), true, None) = (&spec.out, spec.samples.is_some(), &spec.earlier)
            && let Ok(earlier) = RunFile::read(folder)
        {
            // It goes on with that run, if it is the same: `search_all` compares them.
            spec.id = earlier.id;
            spec.earlier = Some(folder.clone());
        }
        let runtime = Runtime::new(Limits::default(), plugins::compiled_folder().as_deref())?;
        let runtime = runtime.telling(spec.on_compile.clone());
        let tokio = tokio_runtime(spec.config.run.threads)?;
        let services = services(&spec, &tokio, note)?;
        let capabilities = Capabilities::of(&services);
        let (plugins, plugin_files) = plugins::load(&runtime, &spec.plugins, &spec.config, capabilities)?;
        let strategies = plugins::load_strategies(
            &runtime,
            &spec.further.strategies,
            &plugins,
            &spec.further.settings,
            capabilities,
        )?;
        let ledger = match mode {
            LedgerMode::Off => None,
            LedgerMode::Replay => Some(Ledger::open_for(spec.ledger(), Access::Read, &spec.id)?),
            LedgerMode::Record | LedgerMode::Fill => Some(Ledger::open_for(spec.ledger(), Access::Write, &spec.id)?),
        };
        let exchange = Exchange::new(services, ledger, mode, spec.config.run.extra_requests, tokio.handle().clone());
        let (room, opening) = (runtime.limits().room, start.elapsed().as_secs_f64());
        Ok(Self {
            spec,
            options,
            plugins,
            strategies,
            plugin_files,
            room,
            exchange,
            tokio,
            opening,
            has_begun: AtomicBool::new(false),
            silent: Mutex::default(),
            _lock: lock,
        })
    }

    /// The services.
    pub fn services(&self) -> &Services {
        self.exchange.services()
    }

    /// The plugins of each strategy: the run's own, then those of [`RunSpec::further`].
    pub fn strategies(&self) -> Vec<Vec<PluginRecord>> {
        std::iter::once(&self.plugins).chain(&self.strategies).map(PluginSet::records).collect()
    }

    /// What was spent at each service so far.
    pub fn accounts(&self) -> Accounts {
        self.exchange.accounts()
    }

    /// What each service does now.
    pub fn loads(&self) -> Vec<(ServiceName, Load)> {
        self.exchange.loads().collect()
    }

    /// Calls `told` each time that someone wishes to interrupt the program (Ctrl-C, or SIGTERM), with how often that was so far. The
    /// program does not end by itself then. `told` must not block.
    ///
    /// # Errors
    ///
    /// Returns an error if the system does not tell of it.
    pub fn on_interrupt(&self, mut told: impl FnMut(u32) + Send + 'static) -> Result<(), RunError> {
        let _runtime = self.tokio.enter();
        let mut interrupts = interrupt::Interrupts::new().map_err(RunError::Runtime)?;
        self.tokio.spawn(async move {
            for count in 1.. {
                interrupts.next().await;
                told(count);
            }
        });
        Ok(())
    }

    /// Searches one sample. If the run has a folder, `run.json` is written first; the result's own files are not (see
    /// [`result_files::write`]). A run with a folder searches one sample once, or the samples of its list ([`Run::search_all`]). A
    /// run without a folder may search any number of samples, one after another or from several threads.
    ///
    /// # Errors
    ///
    /// Returns an error if the query or the number of hypotheses is outside the limits, the folder holds a sample already, a plugin
    /// fails, a service answers nothing at all, or a file cannot be written.
    pub fn search(&self, sample: &Sample, progress: &mut dyn FnMut(Progress)) -> Result<Outcome, RunError> {
        let start = Instant::now();
        sample.check(&self.options)?;
        if self.spec.out.is_some() && self.has_begun.swap(true, Ordering::Relaxed) {
            return Err(RunError::SecondSample(self.spec.out.clone().unwrap_or_default()));
        }
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let searched = Searched::One {
            image: sample.file.as_ref().map(absolute),
            sha256: sample.photo.digest(),
            query: sample.query.clone(),
        };
        if let Some(folder) = &self.spec.out
            && let Ok(RunFile { searched: Searched::Many { .. }, .. }) = RunFile::read(folder)
        {
            let difference = "it searched several samples".to_owned();
            return Err(RunError::OtherRun { folder: folder.clone(), difference });
        }
        self.write_run_file(&searched)?;
        let under_way = UnderWay { alone: Some(&searched), trace: self.spec.trace.clone(), without: None };
        let mut outcome = self.search_one(sample, &under_way, progress)?;
        outcome.timings.add_seconds("load", self.opening);
        outcome.timings.add_seconds("total", self.opening);
        outcome.timings.add("total", start);
        outcome.timings.accounts = self.exchange.accounts();
        Ok(outcome)
    }

    /// The result of one sample of a run that has begun.
    fn search_one(
        &self,
        sample: &Sample,
        under_way: &UnderWay,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Outcome, RunError> {
        let UnderWay { alone, trace, .. } = under_way;
        let deadline = deadline(self.options.deadline);
        let mut restarts = 0;
        let (outcome, traces) = loop {
            let traces = trace.as_ref().map(|_| Traces::default());
            match self.pass(sample, under_way, deadline, traces.as_ref(), progress) {
                // All questions are posed anew without the part that the server refuses; those that stay the same have their answers.
                Err(RunError::Exchange(ExchangeError::Feature { service, feature, cause }))
                    if restarts < MAX_RESTARTS =>
                {
                    restarts += 1;
                    // Another sample may have found it out first.
                    if self.switch_off(service, feature) {
                        progress(Progress::LeftOut(service, feature, &cause));
                        alone.iter().try_for_each(|searched| self.write_run_file(searched))?;
                    }
                }
                outcome => break (outcome, traces),
            }
        };
        let traces_written = match (trace, &traces) {
            (Some(folder), Some(traces)) => result_files::write_traces(folder, &traces.take()),
            _ => Ok(()),
        };
        // An error of the search comes before one of its event logs.
        let mut outcome = outcome?;
        traces_written?;
        self.exchange.flush()?;
        outcome.timings.note_memory();
        Ok(outcome)
    }

    /// Whether questions without an answer are asked again.
    fn fills(&self) -> bool {
        self.exchange.mode() == LedgerMode::Fill
    }

    /// What the result of a sample in an earlier run lacks: it stays absent. Empty if there is no such result, or what it lacks is asked again.
    fn earlier_absences(&self, sample: &Sample) -> BTreeMap<Key, Absence> {
        let Some(folder) = self.spec.earlier.as_deref().filter(|_| !self.fills()) else { return BTreeMap::new() };
        let own = sample.id.as_ref().filter(|_| self.spec.samples.is_some());
        let folder = own.map_or(folder.to_owned(), |id| folder.join(RESULTS).join(id));
        // A search that came to no result may have left that of another one.
        let is_own = |result: &result_files::EarlierResult| {
            result.query == sample.query.trim()
                && result.image.sha256 == sample.photo.digest()
                && (result.n, result.seed) == (self.options.count, self.options.of(sample).seed.0)
        };
        let absences = result_files::read(&folder).filter(is_own).map(|result| result.absences);
        absences.into_iter().flatten().map(|record| (record.key, record.absence)).collect()
    }

    /// Leaves an optional part out of a service's requests. Returns whether they had it before.
    fn switch_off(&self, service: ServiceName, feature: Feature) -> bool {
        self.services().chat(service).is_some_and(|chat| chat.features.switch_off(feature))
    }

    /// The passes over a sample.
    fn pass(
        &self,
        sample: &Sample,
        under_way: &UnderWay,
        deadline: Option<tokio::time::Instant>,
        traces: Option<&Traces>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Outcome, RunError> {
        let services = self.services().snapshot();
        under_way.without.iter().for_each(|without| services.leave_out(without));
        let absences = self.earlier_absences(sample);
        let mut source = ServiceAnswers::new(&self.exchange, &self.tokio, deadline);
        let surroundings = Surroundings {
            traces,
            // In a replay, all answers are known.
            live: (self.exchange.mode() != LedgerMode::Replay && self.spec.config.run.live)
                .then_some(Live { guesses: self.spec.samples.is_none() && self.spec.config.run.extra_requests }),
            ..self.surroundings(&services)
        };
        search(surroundings, sample, &self.options.of(sample), absences, &mut source, progress)
    }

    /// What a sample is searched with, without event logs and without a live pass.
    fn surroundings<'a>(&'a self, services: &'a Services) -> Surroundings<'a> {
        let (plugins, strategies, further) = (&self.plugins, &self.strategies, &self.spec.further);
        Surroundings { plugins, strategies, further, services, room: self.room, traces: None, live: None }
    }

    fn write_run_file(&self, searched: &Searched) -> Result<(), RunError> {
        let Some(folder) = &self.spec.out else { return Ok(()) };
        Ok(self.run_file(searched.clone(), folder).write(folder)?)
    }

    /// What this run is, if its folder is this one.
    fn run_file(&self, searched: Searched, folder: &Path) -> RunFile {
        let ledger = self.spec.ledger();
        // A ledger inside the folder is found there after the folder has moved.
        let inside = ledger.strip_prefix(folder).ok().map(ToOwned::to_owned);
        let models = self.exchange.services().models();
        let config = found_out(&self.spec.config, self.services());
        let config = match searched {
            Searched::One { .. } => without_refused(config, self.services()),
            Searched::Many { .. } => config,
        };
        RunFile {
            form: FORM,
            id: self.spec.id.clone(),
            program: PROGRAM.to_owned(),
            searched,
            plugins: self.plugin_files.clone(),
            models: models.into_iter().map(|(name, model)| (name.to_string(), model.clone())).collect(),
            ledger: inside.unwrap_or_else(|| std::path::absolute(&ledger).unwrap_or(ledger)),
            config,
        }
    }
}

/// What a sample's search needs of the run that it belongs to.
struct UnderWay<'a> {
    /// What `run.json` says of the sample. `None` if it is one of several: then its result says for itself what was left out.
    alone: Option<&'a Searched>,
    /// The folder for the plugins' event logs. `None` if they are not kept.
    trace: Option<PathBuf>,
    /// The optional parts that the sample's requests did not have when it was first searched, by service. `None` if it is not a replay.
    without: Option<BTreeMap<String, Vec<String>>>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("spec", &self.spec).finish_non_exhaustive()
    }
}

fn services(spec: &RunSpec, tokio: &Tokio, note: &mut dyn FnMut(&str)) -> Result<Services, RunError> {
    if spec.config.run.ledger_mode == LedgerMode::Replay {
        return Ok(recorded(&spec.config, &spec.models)?);
    }
    let connected = tokio.block_on(connect(&spec.config, || Models::locate(spec.models_dir.as_deref(), note)))?;
    connected.warnings.iter().for_each(|warning| note(&format!("warning: {warning}")));
    Ok(connected.services)
}

/// The runtime that drives requests, with this many threads; 0 is one for each core.
///
/// # Errors
///
/// Returns an error if the system gives it no threads.
pub fn tokio_runtime(threads: u32) -> Result<Tokio, RunError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads as usize);
    }
    builder.enable_all().build().map_err(RunError::Runtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second sample would take the place of the first one in `run.json`.
    #[test]
    fn a_folder_holds_one_sample() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = rescue_config::resolve(None, |_| None, &[]).unwrap().config;
        // An answer is missing at once in a replay from an empty ledger, so no model is needed.
        config.run.ledger = folder.path().join("ledger");
        drop(Ledger::open(&config.run.ledger, Access::Write).unwrap());
        config.run.ledger_mode = LedgerMode::Replay;
        let spec = RunSpec { out: Some(folder.path().join("out")), ..RunSpec::new(config) };
        let run = Run::open(spec, &mut |_| {}).unwrap();
        let sample = Sample::example().unwrap();
        let error = |run: &Run| run.search(&sample, &mut |_| {}).unwrap_err();
        assert!(matches!(error(&run), RunError::Exchange(_)));
        assert!(matches!(error(&run), RunError::SecondSample(_)));
    }
}
