//! The host with model servers, against a fleet of them that knows the truth.

mod faults;
mod kills;
mod party;
mod replays;
mod tools;
