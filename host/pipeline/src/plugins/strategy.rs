//! Strategies beside the run's own plugins: other scorers, verifiers and tournaments for the same candidates.

use std::collections::BTreeMap;

use rescue_plugin::{Kind, Plugin, Runtime};
use serde_json::{Map, Value};

use super::choice::PluginChoiceError;
use super::files::find;
use super::set::{Capabilities, ConfiguredPlugin, PluginSet};

/// A strategy: what it is called, and its plugins.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategySpec {
    /// The name, as tables have it.
    pub name: String,
    /// Its plugins where they differ from the run's own. The planner is always the run's own.
    pub plugins: BTreeMap<Kind, NamedPlugin>,
}

/// A plugin by name or path, with settings of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPlugin {
    /// The name or path.
    pub name: String,
    /// Its own settings. Those for all plugins of its kind count as well, as far as it has them.
    pub settings: Map<String, Value>,
}

/// Loads and configures the plugins of strategies. `own` are the run's own plugins, `common` settings for all plugins by kind.
pub(crate) fn load_strategies(
    runtime: &Runtime,
    specs: &[StrategySpec],
    own: &PluginSet,
    common: &BTreeMap<String, Map<String, Value>>,
    capabilities: Capabilities,
) -> Result<Vec<PluginSet>, PluginChoiceError> {
    let mut loaded: BTreeMap<&str, Plugin> = BTreeMap::new();
    let mut sets = Vec::with_capacity(specs.len());
    for spec in specs {
        let mut set = own.clone();
        for (kind, NamedPlugin { name, settings }) in &spec.plugins {
            let plugin = match loaded.get(name.as_str()) {
                Some(plugin) => plugin.clone(),
                None => loaded.entry(name).or_insert(find(name)?.load(runtime)?).clone(),
            };
            let known = &plugin.offer(*kind)?.settings;
            let configured = common.get(kind.name()).into_iter().flatten();
            let mut all: Map<String, Value> = configured
                .filter(|(name, _)| known.has(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            all.extend(settings.clone());
            let configured = ConfiguredPlugin::new(plugin, *kind, &all, capabilities)?;
            match kind {
                Kind::Planner => {}
                Kind::Scorer => set.scorer = Some(configured),
                Kind::Verifier => set.verifier = configured,
                Kind::Tournament => set.tournament = configured,
            }
        }
        sets.push(set);
    }
    Ok(sets)
}
