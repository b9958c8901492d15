//! Evaluates runs on data sets: metrics, statistics and tables.

pub mod check;
pub mod metrics;
pub mod sheet;
