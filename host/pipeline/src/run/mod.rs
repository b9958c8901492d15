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

mod earlier;
pub mod folder;
pub mod result_files;
mod service_answers;
mod spec;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rescue_config::LedgerMode;
use rescue_ledger::{Access, Ledger};
use rescue_plugin::trace::Traces;
use rescue_plugin::{Limits, Runtime};
use rescue_service::{Feature, Models};
use tokio::runtime::Runtime as Tokio;

pub use self::earlier::{EarlierRun, EarlierSampleError};
pub use self::spec::RunSpec;

use self::folder::{FORM, FolderLock, JOURNAL, PROGRAM, RunFile, lock};
use self::service_answers::{ServiceAnswers, deadline};
use crate::ask::SampleAnswers;
use crate::error::RunError;
use crate::exchange::{Accounts, Exchange, ExchangeError};
use crate::journal::Journal;
use crate::plugins::{self, Capabilities, PluginFile, PluginSet};
use crate::progress::Progress;
use crate::sample::{Options, Outcome, Sample, Surroundings, canonical_pass};
use crate::services::{ServiceName, Services, connect, found_out, recorded};

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
    plugin_files: Vec<PluginFile>,
    /// The most entries in one step of a plugin.
    room: u32,
    exchange: Arc<Exchange>,
    tokio: Tokio,
    /// Seconds that opening took.
    opening: f64,
    /// Whether the folder holds a sample already.
    has_sample: AtomicBool,
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
            // The journal tells what was cut; a replay may take as long as it takes.
            options.deadline = 0.0;
            if let (true, Some(folder)) = (spec.models.is_empty(), &spec.out) {
                spec.models = RunFile::read(folder).map(|run| run.models).unwrap_or_default();
            }
        }
        spec.out.iter().chain(&spec.trace).try_for_each(|folder| result_files::prepare(folder))?;
        let lock = spec.out.as_deref().map(lock).transpose()?;
        let runtime = Runtime::new(Limits::default(), plugins::compiled_folder().as_deref())?;
        let runtime = runtime.telling(spec.on_compile.clone());
        let tokio = tokio_runtime(spec.config.run.threads)?;
        let services = services(&spec, &tokio, note)?;
        let capabilities = Capabilities::of(&services);
        let (plugins, plugin_files) = plugins::load(&runtime, &spec.plugins, &spec.config, capabilities)?;
        let ledger = match mode {
            LedgerMode::Off => None,
            LedgerMode::Replay => Some(Ledger::open_for(spec.ledger(), Access::Read, &spec.id)?),
            LedgerMode::Record | LedgerMode::Fill => Some(Ledger::open_for(spec.ledger(), Access::Write, &spec.id)?),
        };
        let exchange = Exchange::new(services, ledger, mode, tokio.handle().clone());
        let (room, opening) = (runtime.limits().room, start.elapsed().as_secs_f64());
        Ok(Self {
            spec,
            options,
            plugins,
            plugin_files,
            room,
            exchange,
            tokio,
            opening,
            has_sample: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// The services.
    pub fn services(&self) -> &Services {
        self.exchange.services()
    }

    /// What was spent at each service so far.
    pub fn accounts(&self) -> Accounts {
        self.exchange.accounts()
    }

    /// Searches one sample. If the run has a folder, `run.json` and the journal are written first; the result's own files are not
    /// (see [`result_files::write`]). A folder holds one sample: a run that has one searches once. A run without a folder may search any
    /// number of samples, one after another or from several threads.
    ///
    /// # Errors
    ///
    /// Returns an error if the query or the number of hypotheses is outside the limits, the folder holds a sample already, a plugin
    /// fails, a service answers nothing at all, or a file cannot be written.
    pub fn search(&self, sample: &Sample, progress: &mut dyn FnMut(Progress)) -> Result<Outcome, RunError> {
        let start = Instant::now();
        sample.check(&self.options)?;
        if self.spec.out.is_some() && self.has_sample.swap(true, Ordering::Relaxed) {
            return Err(RunError::SecondSample(self.spec.out.clone().unwrap_or_default()));
        }
        let deadline = deadline(self.options.deadline);
        let mut restarts = 0;
        let (outcome, traces) = loop {
            let traces = self.spec.trace.as_ref().map(|_| Traces::default());
            match self.pass(sample, deadline, traces.as_ref(), progress) {
                // All questions are posed anew without the part that the server refuses; those that stay the same have their answers.
                Err(RunError::Exchange(ExchangeError::Feature { service, feature, cause }))
                    if restarts < MAX_RESTARTS =>
                {
                    restarts += 1;
                    // Another sample may have found it out first.
                    if self.switch_off(service, feature) {
                        progress(Progress::LeftOut(service, feature, &cause));
                    }
                }
                outcome => break (outcome, traces),
            }
        };
        let traces_written = match (&self.spec.trace, &traces) {
            (Some(folder), Some(traces)) => result_files::write_traces(folder, &traces.take()),
            _ => Ok(()),
        };
        // An error of the search comes before one of its event logs.
        let mut outcome = outcome?;
        traces_written?;
        self.exchange.flush()?;
        if let (Some(folder), LedgerMode::Fill) = (&self.spec.out, self.exchange.mode()) {
            Journal::rewrite(&folder.join(JOURNAL), &outcome.sample, &outcome.record.absences)?;
        }
        outcome.timings.add_seconds("load", self.opening);
        outcome.timings.add_seconds("total", self.opening);
        outcome.timings.add("total", start);
        outcome.timings.accounts = self.exchange.accounts();
        outcome.timings.note_memory();
        Ok(outcome)
    }

    /// Leaves an optional part out of a service's requests. Returns whether they had it before.
    fn switch_off(&self, service: ServiceName, feature: Feature) -> bool {
        self.services().chat(service).is_some_and(|chat| chat.features.switch_off(feature))
    }

    /// One canonical pass over a sample.
    fn pass(
        &self,
        sample: &Sample,
        deadline: Option<tokio::time::Instant>,
        traces: Option<&Traces>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Outcome, RunError> {
        let services = self.services().snapshot();
        let journal = self.begin(sample, &services)?;
        let name = sample.name();
        let answers = SampleAnswers::new(self.spec.absences.of(&name));
        let source = ServiceAnswers {
            exchange: &self.exchange,
            runtime: &self.tokio,
            journal: &journal,
            sample: name,
            deadline,
        };
        let surroundings =
            Surroundings { plugins: &self.plugins, services: &services, source: &source, room: self.room, traces };
        canonical_pass(surroundings, sample, &self.options, answers, progress)
    }

    /// Writes `run.json`, then the journal.
    fn begin(&self, sample: &Sample, services: &Services) -> Result<Journal, RunError> {
        let Some(folder) = &self.spec.out else { return Ok(Journal::default()) };
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let ledger = self.spec.ledger();
        // A ledger inside the folder is found there after the folder has moved.
        let inside = ledger.strip_prefix(folder).ok().map(ToOwned::to_owned);
        let models = self.exchange.services().models();
        let run = RunFile {
            form: FORM,
            id: self.spec.id.clone(),
            program: PROGRAM.to_owned(),
            image: sample.file.as_ref().map(absolute),
            sha256: sample.photo.digest(),
            query: sample.query.clone(),
            plugins: self.plugin_files.clone(),
            models: models.into_iter().map(|(name, model)| (name.to_string(), model.clone())).collect(),
            ledger: inside.unwrap_or_else(|| absolute(&ledger)),
            config: found_out(&self.spec.config, services),
        };
        run.write(folder)?;
        let file = folder.join(JOURNAL);
        // Questions that are asked again may stay without an answer: until the search ends, the old journal stands.
        let fills = self.exchange.mode() == LedgerMode::Fill;
        Ok(if fills { Journal::append_to(&file)? } else { Journal::replace(&file, &self.spec.absences)? })
    }
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

    /// A second sample would take the place of the first one in `run.json` and the journal.
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
