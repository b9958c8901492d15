//! All that a run is configured with, and its defaults.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Chat, Secret,
    schema::{place, urls},
};

/// What a run of rescue-host is configured with. Everything is optional. The variables of the original system come before what
/// stands here, flags before both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "rescue.toml")]
pub struct Config {
    /// The model that proposes hypotheses. Without this table there is none; a table without url stands for the URL that the
    /// original system uses.
    #[schemars(with = "Chat")]
    pub planner: Option<Chat>,
    /// The model that judges matches; as `[planner]`.
    #[schemars(with = "Chat")]
    pub verifier: Option<Chat>,
    /// What turns hypotheses into masks. Without this table it is the embedded network; a table without url stands for the URL that
    /// the original system uses.
    pub executor: Executor,
    /// What finds the places of a phrase in a photo.
    pub detector: Detector,
    /// The model that says how well a crop fits the query; as `[planner]`.
    #[schemars(with = "Clip")]
    pub clip: Option<Clip>,
    /// The run itself.
    pub run: Run,
    /// Which plugins run, each a name or a path. Empty: the standard one.
    pub plugins: Plugins,
    /// The plugins' own settings, a table for each kind of plugin; `rescue-host plugin inspect NAME` shows what there is.
    #[schemars(with = "Settings")]
    pub settings: BTreeMap<String, Map<String, Value>>,
}

/// What every service has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Service {
    /// The model's name. Empty: the only one that the servers have.
    pub model: String,
    /// The model's revision as you declare it: part of what identifies the model in the ledger.
    pub revision: String,
    /// Requests that each replica takes at a time.
    #[schemars(range(min = 1, max = 4096))]
    pub slots: u32,
    /// How long a request may take, in seconds.
    #[schemars(range(min = 0.1, max = 86_400))]
    pub timeout: f64,
    /// How often one question is tried, the first time included.
    #[schemars(range(min = 1, max = 20))]
    pub attempts: u32,
    /// The name of the environment variable that holds the key of the service; the key itself stands in no file. Empty: no key.
    #[schemars(extend("format" = "variable"))]
    pub api_key_env: String,
    /// The key of the service, where `api_key_env` names a variable that is set.
    #[serde(skip)]
    pub api_key: Option<Secret>,
}

impl Service {
    pub(crate) fn with_slots(slots: u32) -> Self {
        let (model, revision, api_key_env) = Default::default();
        Self { model, revision, slots, timeout: 120.0, attempts: 5, api_key_env, api_key: None }
    }
}

/// What turns hypotheses into masks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Executor {
    /// Where it is: "embedded", one URL, or a list of replicas.
    #[schemars(schema_with = "place")]
    pub url: Place,
    /// What every service has.
    #[serde(flatten)]
    pub service: Service,
    /// What is sent to the servers, and how masks come back.
    pub contract: Contract,
    /// How sure the model must be of a mask.
    #[schemars(range(min = 0, max = 1))]
    pub confidence: f64,
    /// Prompts in one request at most.
    #[schemars(range(min = 1, max = 64))]
    pub batch: u32,
}

/// Where an executor is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In this program.
    Embedded,
    /// Behind these URLs.
    #[serde(untagged)]
    Servers(Vec<String>),
}

/// What is sent to an executor's servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Contract {
    /// As the SAM server of the original system has it.
    Rescue,
    /// As Roboflow's inference server has it.
    Roboflow,
}

/// What finds the places of a phrase in a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Detector {
    /// What does it.
    pub source: Detection,
}

/// What finds the places of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Detection {
    /// The executor where it is a server, else the embedded network.
    Auto,
    /// The embedded network.
    Embedded,
    /// The executor, which must be a server: the phrase is its concept.
    Executor,
}

/// The model that says how well a crop fits the query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Clip {
    /// Where the servers are: one URL, or a list of replicas. Empty: there is no such service.
    #[schemars(schema_with = "urls")]
    pub url: Vec<String>,
    /// What every service has.
    #[serde(flatten)]
    pub service: Service,
    /// Crops in one request at most.
    #[schemars(range(min = 1, max = 64))]
    pub batch: u32,
}

/// The run itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// How many hypotheses the planner may propose.
    #[schemars(range(min = 1, max = 1024))]
    pub n: u32,
    /// Where all randomness comes from.
    pub seed: u64,
    /// Masks whose IoU is at least this count as one.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub merge_iou: f64,
    /// Threads that compute. 0: one for each core.
    #[schemars(range(min = 0, max = 1024))]
    pub threads: u32,
    /// Seconds that a sample may take. 0: as long as it takes.
    #[schemars(range(min = 0, max = 86_400))]
    pub deadline: f64,
    /// The folder that results are written to.
    pub out: PathBuf,
    /// The folder of the ledger. Empty: in the run's own folder.
    pub ledger: PathBuf,
    /// What the ledger is used for.
    pub ledger_mode: LedgerMode,
    /// How candidates are ranked, in the words of the original system.
    pub mode: Mode,
}

/// What a ledger is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LedgerMode {
    /// What it knows is taken from it; what it does not know is asked, and added.
    Record,
    /// Everything is taken from it; what it does not know is an error. No service is asked.
    Replay,
    /// As "record"; what got no answer in an earlier run of the same folder is asked once more.
    Fill,
    /// There is none.
    Off,
}

/// How candidates are ranked, in the words of the original system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As the plugins do.
    #[serde(rename = "")]
    Plugins,
    /// By duels.
    Comparative,
    /// By the share of the photo that they cover, without duels.
    Heuristic,
}

/// Which plugins run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Plugins {
    /// What proposes hypotheses.
    pub planner: String,
    /// What scores masks.
    pub scorer: String,
    /// What judges matches.
    pub verifier: String,
    /// What says whom to compare with whom, and ranks.
    pub tournament: String,
}

/// The kinds of plugin that have settings; only the schema of the file needs it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the file's settings are kept as a map of kinds")]
struct Settings {
    /// Settings of the planner.
    planner: Map<String, Value>,
    /// Settings of the scorer.
    scorer: Map<String, Value>,
    /// Settings of the verifier.
    verifier: Map<String, Value>,
    /// Settings of the tournament.
    tournament: Map<String, Value>,
}

impl Config {
    /// All defaults, with every service where the original system has it.
    pub(crate) fn usual() -> Self {
        Self {
            planner: Some(Chat::at("http://localhost:8002/v1")),
            verifier: Some(Chat::at("http://localhost:8000/v1")),
            executor: Executor {
                url: Place::Servers(vec!["http://localhost:8001".into()]),
                service: Service::with_slots(8),
                contract: Contract::Rescue,
                confidence: 0.5,
                batch: 16,
            },
            detector: Detector { source: Detection::Auto },
            clip: Some(Clip {
                url: vec!["http://localhost:8003/verify".into()],
                service: Service::with_slots(16),
                batch: 16,
            }),
            run: Run {
                n: 64,
                seed: 0,
                merge_iou: 0.95,
                threads: 0,
                deadline: 0.0,
                out: "out".into(),
                ledger: PathBuf::new(),
                ledger_mode: LedgerMode::Record,
                mode: Mode::Plugins,
            },
            plugins: Plugins::default(),
            settings: BTreeMap::new(),
        }
    }

    /// Looks the keys of services up again, by the names that `api_key_env` gives: a configuration that was written down has none.
    pub fn find_keys(&mut self, environment: impl Fn(&str) -> Option<OsString>) {
        for (_, service) in self.services_mut().filter(|(_, service)| !service.api_key_env.is_empty()) {
            let key = environment(&service.api_key_env).and_then(|key| key.into_string().ok());
            service.api_key = key.filter(|key| !key.is_empty()).and_then(|key| Secret::new(key).ok());
        }
    }

    /// What all services have, by the names of their tables; none of those that there are not.
    pub(crate) fn services_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Service)> {
        [
            ("planner", self.planner.as_mut().map(|chat| &mut chat.service)),
            ("verifier", self.verifier.as_mut().map(|chat| &mut chat.service)),
            ("executor", Some(&mut self.executor.service)),
            ("clip", self.clip.as_mut().map(|clip| &mut clip.service)),
        ]
        .into_iter()
        .filter_map(|(table, service)| Some((table, service?)))
    }
}
