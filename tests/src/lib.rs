//! What the end-to-end tests share: the host as a command, folders that go away, and pictures.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a helper that cannot help fails the test that called it")]

pub mod pictures;
mod place;
mod run;
pub mod truth;

pub use place::{fixture, host, plugin, root};
pub use run::{BEGUN, Ran, Run};

/// Loads plugins with the limits of the program. Compiled code is shared with the program's own cache, since compiling is most of what
/// loading costs.
pub fn runtime() -> rescue_plugin::Runtime {
    let cache = rescue_pipeline::plugins::compiled_folder();
    rescue_plugin::Runtime::new(rescue_plugin::Limits::default(), cache.as_deref()).unwrap()
}
