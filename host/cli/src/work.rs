//! What running, resuming and replaying have in common: a photo, a configuration, services, a ledger, and one search.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use rescue_config::{Config, LedgerMode};
use rescue_core::{Digest, Photo, Seed};
use rescue_ledger::{Access, Ledger};
use rescue_pipeline::run_folder::{FORM, JOURNAL, LEDGER, PROGRAM, PluginFile, RunFile, hold};
use rescue_pipeline::{
    Abilities, Accounts, Exchange, Journal, Mode, Options, Outcome, Search, Services, connect, locate, out, photo,
    recorded,
};
use rescue_plugin::trace::Traces;
use rescue_plugin::{Limits, Runtime};
use rescue_service::{ModelId, Models};
use tokio::runtime::Runtime as Tokio;

use crate::crew::{Posts, crew, same};
use crate::print;
use crate::progress::Bars;

/// The photo of the bundled example, and what to find in it.
pub const EXAMPLE: (&[u8], &str) = (include_bytes!("../../../examples/photos/horses.jpg"), "the horse on the right");

/// Which plugins a run has.
pub enum Plugins<'a> {
    /// These, and the standard ones for the kinds that are left.
    Given(&'a [String]),
    /// Those of an earlier run.
    Same(&'a [PluginFile]),
}

/// What is to be done.
pub struct Work<'a> {
    /// The photo's file; none for the bundled example.
    pub image: Option<PathBuf>,
    /// What to find.
    pub query: String,
    /// All values.
    pub config: Config,
    /// The plugins.
    pub plugins: Plugins<'a>,
    /// Models whose names are known from an earlier run.
    pub models: BTreeMap<String, ModelId>,
    /// Which run it is.
    pub id: String,
    /// The photo that it has to be, where there was an earlier run.
    pub photo: Option<Digest>,
    /// What an earlier run lacked, which counts in this one.
    pub journal: Journal,
    /// Where it is written; nothing is where there is none.
    pub out: Option<&'a Path>,
    /// Where model files lie.
    pub models_dir: Option<&'a Path>,
    /// Where event logs go.
    pub trace: Option<&'a Path>,
    /// Whether only the result is shown.
    pub quiet: bool,
}

/// What was done.
pub struct Done {
    /// The photo.
    pub photo: Arc<Photo>,
    /// The result.
    pub outcome: Outcome,
    /// What was spent at each service.
    pub accounts: Accounts,
}

/// Where the ledger of a run lies.
pub fn ledger_path(config: &Config, out: &Path) -> PathBuf {
    if config.run.ledger.as_os_str().is_empty() { out.join(LEDGER) } else { config.run.ledger.clone() }
}

impl Work<'_> {
    /// Does it.
    pub fn run(self) -> Result<Done> {
        let start = Instant::now();
        let photo = Arc::new(match &self.image {
            Some(file) => photo::read(file)?,
            None => photo::decode(EXAMPLE.0).context("the bundled photo could not be read")?,
        });
        if let Some(digest) = self.photo.filter(|digest| *digest != photo.digest()) {
            bail!(OtherPhoto { file: self.image.unwrap_or_default(), digest });
        }
        let set = &self.config.run;
        let mode = mode(set.ledger_mode);
        // What was cut stands in the journal: a replay has all the time that it takes.
        let deadline = if mode == Mode::Replay { 0.0 } else { set.deadline };
        let options = Options { count: set.n, seed: Seed(set.seed), merge_iou: set.merge_iou, deadline };
        Search::check(&photo, &self.query, &options)?;
        self.out.iter().chain(&self.trace).try_for_each(|folder| out::prepare(folder))?;
        let _held = self.out.map(hold).transpose()?;
        let runtime = Runtime::new(Limits::default(), locate::compiled().as_deref())?;
        let tokio = tokio(set.threads)?;
        let services = self.services(&tokio)?;
        let abilities = Abilities::of(&services);
        let Posts { crew, files } = match self.plugins {
            Plugins::Given(given) => crew(&runtime, given, &self.config, abilities)?,
            Plugins::Same(files) => same(&runtime, files, &self.config, abilities)?,
        };
        let place = ledger_path(&self.config, self.out.unwrap_or(Path::new("out")));
        let ledger = match mode {
            Mode::Off => None,
            Mode::Replay => Some(Ledger::open_for(&place, Access::Read, &self.id)?),
            Mode::Record | Mode::Fill => Some(Ledger::open_for(&place, Access::Write, &self.id)?),
        };
        let mut journal = self.journal;
        if let Some(folder) = self.out {
            let models = services.models().into_iter().map(|(name, model)| (name.to_owned(), model.clone()));
            let image = self.image.as_ref().map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()));
            // Inside the folder it stays there when the folder is moved.
            let inside = place.strip_prefix(folder).ok().map(Path::to_owned);
            let place = inside.unwrap_or_else(|| std::path::absolute(&place).unwrap_or(place));
            let run = RunFile {
                form: FORM,
                id: self.id,
                program: PROGRAM.to_owned(),
                image,
                sha256: photo.digest(),
                query: self.query.clone(),
                plugins: files,
                models: models.collect(),
                ledger: place,
                config: self.config.clone(),
            };
            run.write(folder)?;
            let file = folder.join(JOURNAL);
            // What is asked once more may stay without an answer: until then the old journal is the run's.
            journal = if mode == Mode::Fill { journal.append_to(&file)? } else { journal.write_to(&file)? };
        }
        let exchange = Exchange::new(services, ledger, mode, tokio.handle().clone());
        let traces = self.trace.map(|_| Traces::default());
        let room = runtime.limits().room;
        let search = Search {
            crew: &crew,
            exchange: &exchange,
            journal: &journal,
            runtime: &tokio,
            room,
            traces: traces.clone(),
        };
        let loaded = start.elapsed().as_secs_f64();
        let mut bars = Bars::new(self.quiet);
        let outcome = search.run(photo.clone(), &self.query, &options, &mut |progress| bars.show(progress));
        bars.finish();
        let kept = match (self.trace, traces) {
            (Some(folder), Some(traces)) => out::write_traces(folder, &traces.take()),
            _ => Ok(()),
        };
        // What ended the run is told before what became of its event logs.
        let mut outcome = outcome?;
        kept?;
        exchange.flush()?;
        if let Some(folder) = self.out.filter(|_| mode == Mode::Fill) {
            Journal::rewrite(&folder.join(JOURNAL), &outcome.sample, &outcome.record.absences)?;
        }
        print::log(&outcome.log);
        outcome.timings.seconds.insert("load".into(), loaded);
        outcome.timings.add("total", start);
        outcome.timings.accounts = exchange.accounts();
        outcome.timings.note_memory();
        Ok(Done { photo, outcome, accounts: exchange.accounts() })
    }

    fn services(&self, tokio: &Tokio) -> Result<Services> {
        if self.config.run.ledger_mode == LedgerMode::Replay {
            return Ok(recorded(&self.config, &self.models)?);
        }
        let models = || Models::locate(self.models_dir, &mut |message| print::note(message));
        let connected = tokio.block_on(connect(&self.config, models))?;
        connected.warnings.iter().for_each(|warning| print::note(&format!("warning: {warning}")));
        Ok(connected.services)
    }
}

/// What drives requests: so many threads, or one for each core.
pub fn tokio(threads: u32) -> Result<Tokio> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads as usize);
    }
    builder.enable_all().build().context("the host could not start its runtime")
}

/// Another photo than that of the run.
#[derive(Debug, thiserror::Error)]
#[error("{} is not the photo of that run, which had the SHA-256 {digest}: put that file there", file.display())]
pub struct OtherPhoto {
    file: PathBuf,
    digest: Digest,
}

fn mode(mode: LedgerMode) -> Mode {
    match mode {
        LedgerMode::Record => Mode::Record,
        LedgerMode::Replay => Mode::Replay,
        LedgerMode::Fill => Mode::Fill,
        LedgerMode::Off => Mode::Off,
    }
}
