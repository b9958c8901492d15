//! Helpers for the end-to-end tests: the host as a command, temporary folders, and pictures.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a helper that cannot help fails the test that called it")]

pub mod odd_server;
pub mod pictures;
mod place;
pub mod python;
mod run;
pub mod truth;

pub use place::{fixture, host, plugin, root};
pub use run::{BEGUN, Finished, Run, without_proxies};

/// A runtime that loads plugins with the program's limits. It shares the program's cache of compiled code, because
/// compiling is most of the cost of loading.
pub fn runtime() -> rescue_plugin::Runtime {
    let cache = rescue_pipeline::plugins::compiled_folder();
    rescue_plugin::Runtime::new(rescue_plugin::Limits::default(), cache.as_deref()).unwrap()
}
