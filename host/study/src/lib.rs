//! Evaluates runs on data sets: metrics, statistics and tables.

pub mod assertion;
pub mod bootstrap;
pub mod check;
pub mod choices;
pub mod compare;
pub mod evaluation;
pub mod metrics;
pub mod sample_scores;
pub mod sheet;
pub mod summary;
pub mod tables;
