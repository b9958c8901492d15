//! Chooses and loads the plugins of a run: those that were named, then the configured ones, then the standard ones.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use rescue_config::{Config, Mode};
use rescue_core::Digest;
use rescue_plugin::{Kind, Plugin, PluginError, Runtime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::files::{NotFound, PluginSource, find};
use super::set::{Capabilities, ConfiguredPlugin, PluginRecord, PluginSet, PluginSetError};

/// The plugins of a run.
#[derive(Clone, Debug)]
pub enum PluginChoice {
    /// These, by name or path. The configured plugins, then the standard ones, fill the kinds that are left.
    Named(Vec<String>),
    /// Those of an earlier run.
    Recorded(Vec<PluginFile>),
}

/// A plugin of a run.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct PluginFile {
    /// Its file. `None` if it was inside the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Its name, digest and settings.
    #[serde(flatten)]
    pub plugin: PluginRecord,
}

/// The names of the standard plugins of one kind.
struct Standard {
    kind: Kind,
    /// Used if a model answers in words.
    with_model: &'static str,
    /// Used without such a model.
    without_model: &'static str,
    /// Used in the original system's heuristic mode; `None` if that mode does not change it.
    heuristic: Option<&'static str>,
}

const STANDARD: [Standard; 4] = [
    Standard { kind: Kind::Planner, with_model: "perspectives", without_model: "grounder", heuristic: None },
    Standard { kind: Kind::Scorer, with_model: "hybrid", without_model: "geometry", heuristic: Some("geometry") },
    Standard { kind: Kind::Verifier, with_model: "duel", without_model: "attributes", heuristic: Some("attributes") },
    Standard { kind: Kind::Tournament, with_model: "pyramid", without_model: "pyramid", heuristic: Some("by-score") },
];

impl Standard {
    fn name(&self, mode: Mode, capabilities: Capabilities) -> &'static str {
        let has_model = if self.kind == Kind::Planner { capabilities.planner } else { capabilities.verifier };
        match (mode, self.heuristic) {
            (Mode::Comparative, _) => self.with_model,
            (Mode::Heuristic, Some(name)) => name,
            _ if has_model => self.with_model,
            _ => self.without_model,
        }
    }
}

/// Why the plugins of a run cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum PluginChoiceError {
    /// A named plugin is nowhere.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// A standard plugin is nowhere.
    #[error("no {kind} was given, and the standard one is missing: {cause}")]
    NoStandard {
        /// The kind of plugin.
        kind: Kind,
        /// Where it was looked for.
        cause: NotFound,
    },
    /// Two named plugins are of one kind.
    #[error("{first} and {second} are both given as the {kind}: give one")]
    TwoForOne {
        /// The kind of plugin.
        kind: Kind,
        /// The plugin named first.
        first: String,
        /// The plugin named second.
        second: String,
    },
    /// An earlier run had no plugin of this kind.
    #[error("the earlier run names no {0}")]
    NotRecorded(Kind),
    /// A plugin is not the one that an earlier run had.
    #[error("{place} is not the {name} of that run, which had the digest {digest}: {way_out}")]
    Changed {
        /// Where the plugin was looked for.
        place: String,
        /// The name of the plugin.
        name: String,
        /// The digest of the plugin that the earlier run had.
        digest: Digest,
        /// What to do about it.
        way_out: &'static str,
    },
    /// A plugin cannot be loaded.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The plugins cannot be used together, or not with this host.
    #[error(transparent)]
    Set(#[from] PluginSetError),
}

/// Plugins by kind, each with its file; `None` if it is inside the program.
type Loaded = BTreeMap<Kind, (Option<PathBuf>, Plugin)>;

/// Loads and configures the plugins of a run. Returns also what `run.json` says of each.
pub(crate) fn load(
    runtime: &Runtime,
    choice: &PluginChoice,
    config: &Config,
    capabilities: Capabilities,
) -> Result<(PluginSet, Vec<PluginFile>), PluginChoiceError> {
    let mut loaded = match choice {
        PluginChoice::Named(names) => load_named(runtime, names, config, capabilities)?,
        PluginChoice::Recorded(files) => load_recorded(runtime, files)?,
    };
    let mut files = BTreeMap::new();
    let none = Map::new();
    let mut configure = |kind: Kind| -> Result<ConfiguredPlugin, PluginChoiceError> {
        let (file, plugin) = loaded.remove(&kind).ok_or(PluginChoiceError::NotRecorded(kind))?;
        let settings = config.settings.get(kind.name()).unwrap_or(&none);
        files.insert(kind, file.map(|file| std::path::absolute(&file).unwrap_or(file)));
        Ok(ConfiguredPlugin::new(plugin, kind, settings, capabilities)?)
    };
    let (planner, scorer) = (configure(Kind::Planner)?, configure(Kind::Scorer)?);
    let set = PluginSet::new(planner, Some(scorer), configure(Kind::Verifier)?, configure(Kind::Tournament)?);
    let file = |plugin: PluginRecord| PluginFile { file: files.remove(&plugin.kind).flatten(), plugin };
    let files = set.records().into_iter().map(file).collect();
    Ok((set, files))
}

fn load_named(
    runtime: &Runtime,
    names: &[String],
    config: &Config,
    capabilities: Capabilities,
) -> Result<Loaded, PluginChoiceError> {
    let load = |source: &PluginSource| -> Result<(Option<PathBuf>, Plugin), PluginError> {
        Ok((source.file().map(ToOwned::to_owned), source.load(runtime)?))
    };
    let mut loaded = Loaded::new();
    for name in names {
        let (file, plugin) = load(&find(name)?)?;
        for kind in plugin.kinds() {
            if let Some((_, other)) = loaded.insert(kind, (file.clone(), plugin.clone())) {
                let (first, second) = (other.name().into(), plugin.name().into());
                return Err(PluginChoiceError::TwoForOne { kind, first, second });
            }
        }
    }
    let plugins = &config.plugins;
    let configured = [
        (Kind::Planner, &plugins.planner),
        (Kind::Scorer, &plugins.scorer),
        (Kind::Verifier, &plugins.verifier),
        (Kind::Tournament, &plugins.tournament),
    ];
    for (kind, name) in configured.into_iter().filter(|(_, name)| !name.is_empty()) {
        if let Entry::Vacant(entry) = loaded.entry(kind) {
            entry.insert(load(&find(name)?)?);
        }
    }
    for standard in &STANDARD {
        if let Entry::Vacant(entry) = loaded.entry(standard.kind) {
            let found = find(standard.name(config.run.mode, capabilities));
            entry.insert(load(&found.map_err(|cause| PluginChoiceError::NoStandard { kind: standard.kind, cause })?)?);
        }
    }
    Ok(loaded)
}

/// Loads the plugins of an earlier run, checked by their digests. If a file is gone or has changed, the plugin inside the program
/// stands in for it, provided that its digest is the recorded one.
fn load_recorded(runtime: &Runtime, files: &[PluginFile]) -> Result<Loaded, PluginChoiceError> {
    let mut loaded = Loaded::new();
    for PluginFile { file, plugin: PluginRecord { kind, name, digest, .. } } in files {
        let from_file = file.as_ref().map(|file| runtime.load(file));
        let built_in = rescue_standard::plugin(name).filter(|wasm| Digest::of(wasm) == *digest);
        let changed = |place: String, way_out| {
            Err(PluginChoiceError::Changed { place, name: name.clone(), digest: *digest, way_out })
        };
        let plugin = match (from_file, built_in) {
            (Some(Ok(plugin)), _) if plugin.digest() == *digest => (file.clone(), plugin),
            // The path stays recorded: the file may come back.
            (_, Some(wasm)) => (file.clone(), runtime.load_bytes(name, wasm)?),
            (Some(Err(error)), None) => return Err(error.into()),
            (Some(Ok(_)), None) => {
                let place = file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
                return changed(place, "put that file there");
            }
            (None, None) => {
                return changed(format!("the {name} in this program"), "use the program that made the run");
            }
        };
        loaded.insert(*kind, plugin);
    }
    Ok(loaded)
}
