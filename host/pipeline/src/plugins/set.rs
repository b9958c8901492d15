//! The plugins of a run, checked against each other and against what the host has before anything runs.

use rescue_plugin::{Kind, Plugin, PluginError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::services::Services;

/// A plugin with its settings, as JSON text with all defaults filled in.
#[derive(Clone, Debug)]
pub struct ConfiguredPlugin {
    pub(crate) plugin: Plugin,
    pub(crate) settings: String,
}

/// The plugins of a run. A scorer may be left out.
#[derive(Clone, Debug)]
pub struct PluginSet {
    pub(crate) planner: ConfiguredPlugin,
    pub(crate) scorer: Option<ConfiguredPlugin>,
    pub(crate) verifier: ConfiguredPlugin,
    pub(crate) tournament: ConfiguredPlugin,
}

/// What this host's services make possible for plugins. Detection, pixels and feedback are always possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether a model answers planners in words.
    pub planner: bool,
    /// Whether a model answers scorers and verifiers in words.
    pub verifier: bool,
    /// Whether that model's server returns probabilities of tokens.
    pub weights: bool,
    /// Whether an image-text model says how well a cut-out fits the query.
    pub similarity: bool,
}

impl Capabilities {
    /// The capabilities of these services.
    pub fn of(services: &Services) -> Self {
        Self {
            planner: services.planner.is_some(),
            verifier: services.verifier.is_some(),
            weights: services.verifier.as_ref().is_some_and(|chat| chat.sampling.logprobs),
            similarity: services.clip.is_some(),
        }
    }

    /// The names that a plugin of this kind may list in `offer.needs`.
    fn names(self, kind: Kind) -> Vec<&'static str> {
        let mut has = vec!["detect", "pixels", "feedback"];
        let chat = if kind == Kind::Planner { self.planner } else { self.verifier };
        has.extend(chat.then_some("chat"));
        has.extend((self.weights && kind != Kind::Planner).then_some("weights"));
        has.extend(self.similarity.then_some("similarity"));
        has
    }
}

/// A capability that a plugin needs and this host does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugin {plugin}, {kind}, needs {need:?}; this host has {}{}", has.join(", "), way_out(*kind, need))]
pub struct MissingCapability {
    /// The plugin's name.
    pub plugin: String,
    /// The kind of plugin that needs it.
    pub kind: Kind,
    /// The missing capability.
    pub need: String,
    /// The capabilities that the host has.
    pub has: Vec<&'static str>,
}

fn way_out(kind: Kind, need: &str) -> String {
    let (service, port) = if kind == Kind::Planner { ("planner", 8002) } else { ("verifier", 8000) };
    match need {
        "chat" => format!(
            ": name a server with a model for the {service}, as in --with {service}.url=http://localhost:{port}/v1, or choose \
             another plugin"
        ),
        "weights" => ": set verifier.logprobs, or choose another plugin".into(),
        "similarity" => ": name a server for it, as in --with clip.url=http://localhost:8003/verify".into(),
        _ => String::new(),
    }
}

/// A plugin, as a result names it.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct PluginRecord {
    /// The kind that it was used as.
    #[schemars(with = "String")]
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its file.
    #[schemars(with = "String")]
    pub digest: rescue_core::Digest,
    /// Its settings, with all defaults filled in.
    pub settings: Value,
}

/// Plugins that cannot be used together, or not with this host.
#[derive(Debug, thiserror::Error)]
pub enum PluginSetError {
    /// A plugin is of the wrong kind, or its settings do not fit.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A plugin needs a capability that this host does not have.
    #[error(transparent)]
    Need(#[from] MissingCapability),
}

impl ConfiguredPlugin {
    /// Configures a plugin to be used as this kind.
    ///
    /// # Errors
    ///
    /// Returns an error if the plugin is of another kind, needs a capability that this host does not have, or does not accept the
    /// settings.
    pub fn new(
        plugin: Plugin,
        kind: Kind,
        settings: &Map<String, Value>,
        capabilities: Capabilities,
    ) -> Result<Self, PluginSetError> {
        let offer = plugin.offer(kind)?;
        let has = capabilities.names(kind);
        if let Some(need) = offer.needs.iter().find(|need| !has.contains(&need.as_str())) {
            return Err(MissingCapability { plugin: plugin.name().into(), kind, need: need.clone(), has }.into());
        }
        let settings = plugin.settings(kind, settings)?;
        Ok(Self { plugin, settings })
    }

    fn record(&self, kind: Kind) -> PluginRecord {
        PluginRecord {
            kind,
            name: self.plugin.name().into(),
            version: self.plugin.version().into(),
            digest: self.plugin.digest(),
            settings: serde_json::from_str(&self.settings).unwrap_or(Value::Null),
        }
    }

    /// Whether the plugin lists this capability in `offer.needs`.
    pub(crate) fn needs(&self, kind: Kind, need: &str) -> bool {
        self.plugin.offer(kind).is_ok_and(|offer| offer.needs.iter().any(|needed| needed == need))
    }
}

impl PluginSet {
    /// A set of these plugins.
    pub fn new(
        planner: ConfiguredPlugin,
        scorer: Option<ConfiguredPlugin>,
        verifier: ConfiguredPlugin,
        tournament: ConfiguredPlugin,
    ) -> Self {
        Self { planner, scorer, verifier, tournament }
    }

    /// The fewest and most contestants that the verifier takes in one match.
    pub(crate) fn contestants(&self) -> Result<(u32, u32), PluginError> {
        Ok(self.verifier.plugin.offer(Kind::Verifier)?.contestants)
    }

    /// Each plugin as a result names it, in the order in which they work.
    pub fn records(&self) -> Vec<PluginRecord> {
        let plugins = [
            (Kind::Planner, Some(&self.planner)),
            (Kind::Scorer, self.scorer.as_ref()),
            (Kind::Verifier, Some(&self.verifier)),
            (Kind::Tournament, Some(&self.tournament)),
        ];
        plugins.into_iter().filter_map(|(kind, plugin)| plugin.map(|plugin| plugin.record(kind))).collect()
    }
}
