//! The configuration of a run and its defaults.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Chat, Secret,
    chat::yes,
    schema::{place, urls},
};

/// The configuration of rescue-host. Every key is optional. The environment variables of the original system, such as
/// VERIFIER_API_BASE, override this file, and command-line flags override both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "rescue.toml")]
pub struct Config {
    /// The model that proposes hypotheses. Without this table there is none. If the table has no `url`, the URL of the original
    /// system is used.
    #[schemars(with = "Chat")]
    pub planner: Option<Chat>,
    /// The model that judges matches. A missing table or `url` means the same as for `[planner]`.
    #[schemars(with = "Chat")]
    pub verifier: Option<Chat>,
    /// The model that turns hypotheses into masks. Without this table it is the embedded network. If the table has no `url`, the
    /// URL of the original system is used.
    pub executor: Executor,
    /// The model that finds the things that a phrase names in a photo.
    pub detector: Detector,
    /// The model that scores how well a crop of the photo fits the query. A missing table or `url` means the same as for
    /// `[planner]`.
    #[schemars(with = "Clip")]
    pub clip: Option<Clip>,
    /// How a run searches, and where its files go.
    pub run: Run,
    /// The plugins to use, each given by its name or by the path of its file. Empty: the standard plugin.
    pub plugins: Plugins,
    /// The settings of the plugins, in one table for each kind of plugin. `rescue-host plugin inspect NAME` lists the settings of
    /// a plugin.
    #[schemars(with = "Settings")]
    pub settings: BTreeMap<String, Map<String, Value>>,
}

/// The keys that all services have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Service {
    /// Name of the model. Empty: the only model that the servers have.
    pub model: String,
    /// Revision of the model. You may choose any text; it is part of the model's identity in the ledger, so change it when the
    /// weights change.
    pub revision: String,
    /// Number of requests that each replica handles at a time.
    #[schemars(range(min = 1, max = 4096))]
    pub slots: u32,
    /// Time limit of a request, in seconds.
    #[schemars(range(min = 0.1, max = 86_400))]
    pub timeout: f64,
    /// Maximum number of attempts to get an answer to a question, including the first.
    #[schemars(range(min = 1, max = 20))]
    pub attempts: u32,
    /// Name of the environment variable that holds the API key of the service. The key itself is never written to a file. Empty:
    /// no key.
    #[schemars(extend("format" = "variable"))]
    pub api_key_env: String,
    /// The API key of the service; `None` unless `api_key_env` names a variable that is set.
    #[serde(skip)]
    pub api_key: Option<Secret>,
}

impl Service {
    /// A service with this number of slots and all other keys at their defaults.
    pub(crate) fn with_slots(slots: u32) -> Self {
        let (model, revision, api_key_env) = Default::default();
        Self { model, revision, slots, timeout: 120.0, attempts: 5, api_key_env, api_key: None }
    }
}

/// The model that turns hypotheses into masks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Executor {
    /// "embedded" for the network in this program, else the URL of the server or a list of URLs of replicas.
    #[schemars(schema_with = "place")]
    pub url: Place,
    /// The keys that all services have.
    #[serde(flatten)]
    pub service: Service,
    /// Which requests the servers accept, and how they return masks.
    pub contract: Contract,
    /// Minimum confidence of a mask; less certain masks are left out.
    #[schemars(range(min = 0, max = 1))]
    pub confidence: f64,
    /// Maximum number of prompts in one request.
    #[schemars(range(min = 1, max = 64))]
    pub batch: u32,
}

/// Where an executor runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In this process.
    Embedded,
    /// On the servers at these URLs.
    #[serde(untagged)]
    Servers(Vec<String>),
}

/// Which requests an executor's servers accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Contract {
    /// Those of the SAM server of the original system.
    Rescue,
    /// Those of Roboflow's inference server.
    Roboflow,
}

/// The model that finds the things that a phrase names in a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Detector {
    /// Which model finds them.
    pub source: Detection,
}

/// Which model finds the things that a phrase names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Detection {
    /// The executor if it is a server, else the embedded network.
    Auto,
    /// The embedded network.
    Embedded,
    /// The executor, which must be a server. The phrase is sent to it as a concept.
    Executor,
}

/// The model that scores how well a crop of the photo fits the query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Clip {
    /// URL of the server, or a list of URLs of replicas. Empty: there is no such service.
    #[schemars(schema_with = "urls")]
    pub url: Vec<String>,
    /// The keys that all services have.
    #[serde(flatten)]
    pub service: Service,
    /// Maximum number of crops in one request.
    #[schemars(range(min = 1, max = 64))]
    pub batch: u32,
}

/// How a run searches, and where its files go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// Maximum number of hypotheses that the planner proposes.
    #[schemars(range(min = 1, max = 1024))]
    pub n: u32,
    /// Seed of all random choices: what plugins draw, and what models answer at a temperature above 0.
    pub seed: u64,
    /// A mask is merged with an earlier one as a near duplicate if their IoU is at least this.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub merge_iou: f64,
    /// Number of worker threads. 0: one for each CPU core.
    #[schemars(range(min = 0, max = 1024))]
    pub threads: u32,
    /// Number of samples that a run over several searches at the same time. 0: as many as keep the services busy, within 1 GiB.
    #[schemars(range(min = 0, max = 1024))]
    #[serde(default)]
    pub in_flight: u32,
    /// Whether a live pass asks questions as early as possible. Without it, each round of questions waits for the slowest answer of the
    /// round before. The result is the same.
    #[serde(default = "yes")]
    pub live: bool,
    /// Whether idle slots get requests whose answers may turn out not to be needed: for matches that the tournament is likely to want later
    /// (if one photo is searched), and for a second replica of a service when the first takes long. The result is the same.
    #[serde(default = "yes")]
    pub extra_requests: bool,
    /// Time limit of a sample, in seconds. 0: no limit.
    #[schemars(range(min = 0, max = 86_400))]
    pub deadline: f64,
    /// Folder to which the results are written.
    pub out: PathBuf,
    /// Folder of the ledger. Empty: the folder `ledger` inside `out`.
    pub ledger: PathBuf,
    /// How the ledger is used.
    pub ledger_mode: LedgerMode,
    /// Mode of the original system, which sets how candidates are ranked.
    pub mode: Mode,
}

/// How a ledger is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LedgerMode {
    /// Answers in it are reused. Other questions are sent to the services, and their answers are added.
    Record,
    /// All answers come from it, and a missing answer is an error. No service is asked.
    Replay,
    /// Like "record", but questions that got no answer in an earlier run with the same folder are asked again.
    Fill,
    /// No ledger is used.
    Off,
}

/// Mode of the original system, which sets how candidates are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// By the chosen plugins. The standard ones use models for which servers are configured.
    #[serde(rename = "")]
    Plugins,
    /// By duels that the verifier's model judges.
    Comparative,
    /// By the share of the photo that a mask covers, without duels.
    Heuristic,
}

/// The plugins to use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Plugins {
    /// Proposes hypotheses.
    pub planner: String,
    /// Scores masks.
    pub scorer: String,
    /// Judges matches.
    pub verifier: String,
    /// Decides which candidates are compared in matches, and ranks them.
    pub tournament: String,
}

/// The tables of plugin settings. Only the JSON Schema uses this type.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the file's settings are kept as a map of kinds")]
struct Settings {
    /// Settings of the planner.
    #[schemars(skip_serializing_if = "Map::is_empty")]
    planner: Map<String, Value>,
    /// Settings of the scorer.
    #[schemars(skip_serializing_if = "Map::is_empty")]
    scorer: Map<String, Value>,
    /// Settings of the verifier.
    #[schemars(skip_serializing_if = "Map::is_empty")]
    verifier: Map<String, Value>,
    /// Settings of the tournament.
    #[schemars(skip_serializing_if = "Map::is_empty")]
    tournament: Map<String, Value>,
}

impl Config {
    /// All keys at their defaults, with every service at the URL of the original system.
    pub(crate) fn original() -> Self {
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
                in_flight: 0,
                live: true,
                extra_requests: true,
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

    /// Looks up the API keys of all services in the variables that `api_key_env` names. A configuration that was read back from a
    /// file needs this, because keys are never written.
    pub fn find_keys(&mut self, environment: impl Fn(&str) -> Option<OsString>) {
        for (_, service) in self.services_mut().filter(|(_, service)| !service.api_key_env.is_empty()) {
            let key = environment(&service.api_key_env).and_then(|key| key.into_string().ok());
            service.api_key = key.filter(|key| !key.is_empty()).and_then(|key| Secret::new(key).ok());
        }
    }

    /// The common keys of the services that are configured, each with the name of its table.
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
