//! Tests of the host with model servers, which a fleet simulates that knows the ground truth.

mod evaluation;
mod faults;
mod kills;
mod languages;
mod odd;
mod readable;
mod replays;
mod setup;
mod several;
mod strategies;
mod tools;
mod tournaments;
