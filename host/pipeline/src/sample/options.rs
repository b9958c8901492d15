//! The options of a search.

use rescue_config::Config;
use rescue_core::Seed;

use crate::plugins::StrategySpec;

/// What a result depends on, besides the sample, the plugins and the models.
#[derive(Clone, Debug)]
pub struct Options {
    /// The number of hypotheses, 1 to [`MAX_COUNT`](crate::MAX_COUNT).
    pub count: u32,
    /// The source of all randomness.
    pub seed: Seed,
    /// Masks with at least this IoU are near duplicates, 0 to 1.
    pub merge_iou: f64,
    /// The seconds that one sample may take; questions without an answer by then are cut, and the result says so. 0 is no limit.
    pub deadline: f64,
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
    /// Whether questions without a known answer are asked. If not, choices that need them are not made.
    pub ask: bool,
}
