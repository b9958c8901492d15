//! The specification of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rescue_config::{Config, Mode};
use rescue_plugin::OnCompile;
use rescue_service::ModelId;

use super::folder::{LEDGER, RunFile};
use super::sample_list::SampleList;
use crate::plugins::PluginChoice;
use crate::sample::Further;

type ById = dyn Fn(&str) -> bool + Send + Sync;

/// Whether the result that a sample has already still counts, by the sample's id. By default, each does.
#[derive(Clone, Default)]
pub struct StillCounts(Option<Arc<ById>>);

impl StillCounts {
    /// As this function says. It may be called on several threads at once.
    pub fn new(counts: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(counts)))
    }

    pub(crate) fn of(&self, id: &str) -> bool {
        self.0.as_ref().is_none_or(|counts| counts(id))
    }
}

impl fmt::Debug for StillCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StillCounts").field(&self.0.is_some()).finish()
    }
}

/// Everything that is decided before a run begins.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// The run's identifier.
    pub id: String,
    /// All values.
    pub config: Config,
    /// The plugins.
    pub plugins: PluginChoice,
    /// The samples of a run over several; see [`Run::search_all`](crate::Run::search_all). `None` if each is given to
    /// [`Run::search`](crate::Run::search).
    pub samples: Option<Arc<SampleList>>,
    /// The folder of the run that this one replays or goes on with: what its results lack stays absent, unless the ledger mode is "fill".
    /// `None` if this is a new run.
    pub earlier: Option<PathBuf>,
    /// The folder of the run: its `run.json` and, by default, ledger. `None` if no files are written.
    pub out: Option<PathBuf>,
    /// The folder for the plugins' event logs. `None` if they are not kept.
    pub trace: Option<PathBuf>,
    /// The folder of the embedded networks' files. `None` for the one that the environment names, else the user's cache.
    pub models_dir: Option<PathBuf>,
    /// The models of an earlier run by service, for a replay: it asks no server for them.
    pub models: BTreeMap<String, ModelId>,
    /// Whether a run over several samples may go on with an earlier one all of whose samples it has, and which may have had fewer hypotheses:
    /// results with fewer are computed anew.
    pub may_grow: bool,
    /// Which results of an earlier run over several samples count. The others are computed again, from the ledger.
    pub still_counts: StillCounts,
    /// Whether each of several samples gets an `overlay.png`, which takes more time and space than all of its other files.
    pub overlays: bool,
    /// What else is chosen among the candidates of each sample. By default, nothing.
    pub further: Further,
    /// Who is told of plugins that are compiled.
    pub on_compile: OnCompile,
}

impl RunSpec {
    /// A new run with the configured and the standard plugins. It writes no files and keeps its ledger where the configuration says,
    /// else in `out/ledger`.
    pub fn new(mut config: Config) -> Self {
        if config.run.mode == Mode::Heuristic {
            // This mode ranks by size alone: similarities would be asked for and read by nobody.
            config.clip = None;
        }
        Self {
            id: RunFile::new_id(),
            config,
            plugins: PluginChoice::Named(Vec::new()),
            samples: None,
            earlier: None,
            out: None,
            trace: None,
            models_dir: None,
            models: BTreeMap::new(),
            may_grow: false,
            still_counts: StillCounts::default(),
            overlays: true,
            further: Further::default(),
            on_compile: OnCompile::default(),
        }
    }

    /// The folder of the ledger.
    pub fn ledger(&self) -> PathBuf {
        let configured = &self.config.run.ledger;
        if configured.as_os_str().is_empty() {
            self.out.as_deref().unwrap_or(Path::new("out")).join(LEDGER)
        } else {
            configured.clone()
        }
    }
}
