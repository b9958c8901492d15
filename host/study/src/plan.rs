//! Which strategies an evaluation compares.

use rescue_pipeline::{PluginRecord, Run};
use rescue_plugin::Kind;
use schemars::JsonSchema;
use serde::Serialize;

/// The strategies of an evaluation, the run's own first.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Plan {
    /// The strategies.
    pub strategies: Vec<PlannedStrategy>,
    /// Whether questions of choices among fewer hypotheses than all are asked.
    pub ask: bool,
    /// Whether choices that lack answers are made anew. It changes no choice that lacks none.
    #[serde(skip)]
    pub fill: bool,
}

/// A strategy of an evaluation.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct PlannedStrategy {
    /// Its name.
    pub name: String,
    /// Whether it is there because every table has it.
    pub baseline: bool,
    /// Its plugins.
    pub plugins: Vec<PluginRecord>,
}

/// The tournament that ranks by scores alone: the baseline that every table has.
pub const BY_SCORE: &str = "by-score";

impl Plan {
    /// The strategies of a run. Its own is called `own`, else by its tournament. `baselines` are the names of those that no one asked for; one
    /// that is called as another one is left out of tables.
    pub fn of(run: &Run, own: Option<&str>, names: &[String], baselines: &[String], ask: bool, fill: bool) -> Self {
        let mut strategies: Vec<PlannedStrategy> = Vec::new();
        for (place, plugins) in run.strategies().into_iter().enumerate() {
            let tournament = plugins.iter().find(|plugin| plugin.kind == Kind::Tournament);
            let named = match place.checked_sub(1) {
                None => own,
                Some(other) => names.get(other).map(String::as_str),
            };
            let name = named.or(tournament.map(|plugin| plugin.name.as_str())).unwrap_or("own").to_owned();
            let baseline = place > 0 && baselines.contains(&name);
            strategies.push(PlannedStrategy { name, baseline, plugins });
        }
        Self { strategies, ask, fill }
    }

    /// BLAKE3 over what decides the choices of all strategies, in hexadecimal digits.
    pub fn digest(&self) -> String {
        let strategies: Vec<_> = self.strategies.iter().map(|of| (&of.name, &of.plugins)).collect();
        blake3::hash(&serde_json::to_vec(&strategies).unwrap_or_default()).to_hex().to_string()
    }

    /// Whether the strategy at this place stands in tables: whether none before it is called so.
    pub fn shows(&self, place: usize) -> bool {
        let name = self.strategies.get(place).map(|of| &of.name);
        name.is_some_and(|name| !self.strategies.iter().take(place).any(|of| of.name == *name))
    }
}
