//! Evaluates runs on data sets: metrics, statistics and tables.

pub mod assertion;
pub mod baselines;
pub mod bootstrap;
pub mod check;
pub mod compare;
pub mod difference;
pub mod earlier;
pub mod evaluation;
pub mod judge;
pub mod junit;
pub mod masks;
pub mod metrics;
pub mod only;
pub mod plan;
pub mod repeat;
mod running;
pub mod sample_scores;
pub mod schemas;
pub mod score;
pub mod sheet;
pub mod strategies;
pub mod summary;
pub mod table;
pub mod tables;
