//! Which strategies an evaluation compares.

use rescue_pipeline::{PluginRecord, Run};
use rescue_plugin::Kind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::strategies::Strategies;

/// The strategies of an evaluation, the run's own first.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Plan {
    /// The number of hypotheses.
    pub n: u32,
    /// The strategies.
    pub strategies: Vec<PlannedStrategy>,
    /// Whether questions of choices among fewer hypotheses than all are asked.
    pub ask: bool,
}

/// A strategy of an evaluation.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct PlannedStrategy {
    /// Its number among the strategies of the run.
    #[serde(skip)]
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Whether it is there because every table has it.
    pub baseline: bool,
    /// Its plugins.
    pub plugins: Vec<PluginRecord>,
}

impl Plan {
    /// The strategies of a run, which was made with these. Without a name, the run's own is called as its tournament.
    pub fn of(run: &Run, strategies: &Strategies, n: u32, ask: bool) -> Self {
        let mut plugins = run.strategies().into_iter();
        let own = plugins.next().unwrap_or_default();
        let tournament = own.iter().find(|plugin| plugin.kind == Kind::Tournament).map(|plugin| plugin.name.clone());
        let name = strategies.own_name.clone().or(tournament).unwrap_or_default();
        let mut planned = vec![PlannedStrategy { number: 0, name, baseline: false, plugins: own }];
        for (((spec, baseline), plugins), number) in strategies.others.iter().zip(plugins).zip(1..) {
            let name = spec.name.clone();
            // A baseline may be what the run itself does.
            if !(*baseline && planned.iter().any(|other| other.name == name)) {
                planned.push(PlannedStrategy { number, name, baseline: *baseline, plugins });
            }
        }
        Self { n, strategies: planned, ask }
    }

    /// BLAKE3 over what decides the choices of all strategies but their number of hypotheses, in hexadecimal digits.
    pub fn digest(&self) -> String {
        let strategies: Vec<_> = self.strategies.iter().map(|of| (&of.name, &of.plugins)).collect();
        blake3::hash(&serde_json::to_vec(&strategies).unwrap_or_default()).to_hex().to_string()
    }
}
