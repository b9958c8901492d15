//! The options of a search.

use std::collections::BTreeMap;

use rescue_config::Config;
use rescue_core::Seed;
use serde_json::{Map, Value};

use super::Sample;
use crate::plugins::StrategySpec;

/// What a result depends on, besides the sample, the plugins and the models.
#[derive(Clone, Debug)]
pub struct Options {
    /// The number of hypotheses, 1 to [`MAX_COUNT`](crate::MAX_COUNT).
    pub count: u32,
    /// The source of all randomness: of what plugins draw, and of what models answer at a temperature above 0.
    pub seed: Seed,
    /// Masks with at least this IoU are near duplicates, 0 to 1.
    pub merge_iou: f64,
    /// The seconds that one sample may take; questions without an answer by then are cut, and the result says so. 0 is no limit.
    pub deadline: f64,
}

impl Options {
    /// The options of a search for this sample, which may have a seed of its own.
    pub(crate) fn of(&self, sample: &Sample) -> Self {
        Self { seed: sample.seed.map_or(self.seed, Seed), ..self.clone() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { count: 64, seed: Seed(0), merge_iou: 0.95, deadline: 0.0 }
    }
}

impl From<&Config> for Options {
    fn from(config: &Config) -> Self {
        let run = &config.run;
        Self { count: run.n, seed: Seed(run.seed), merge_iou: run.merge_iou, deadline: run.deadline }
    }
}

/// What else is chosen among the candidates of each sample, by the run's own plugins and by other strategies.
#[derive(Clone, Debug, Default)]
pub struct Further {
    /// Numbers of first hypotheses among which each strategy chooses as well, ascending. Those that are not below the number of all count
    /// for nothing.
    pub counts: Vec<u32>,
    /// The other scorers, verifiers and tournaments. Each chooses among all hypotheses too.
    pub strategies: Vec<StrategySpec>,
    /// Settings for the plugins of these strategies by kind, as far as a plugin has them.
    pub settings: BTreeMap<String, Map<String, Value>>,
    /// For which choices questions without a known answer are asked. Others that need them are not made.
    pub ask: Ask,
}

/// For which further choices questions are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ask {
    /// For all.
    #[default]
    Every,
    /// For those among all hypotheses.
    Whole,
    /// For none.
    Nothing,
}

impl Ask {
    /// Whether questions are asked for a choice among so many of all hypotheses.
    pub(crate) fn for_choice(self, count: u32, all: u32) -> bool {
        match self {
            Self::Every => true,
            Self::Whole => count >= all,
            Self::Nothing => false,
        }
    }
}
