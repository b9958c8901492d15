//! What the end-to-end tests share: the host as a command, folders that go away, and pictures.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a helper that cannot help fails the test that called it")]

pub mod pictures;
mod place;
mod run;
pub mod truth;

pub use place::{fixture, host, plugin, root};
pub use run::{BEGUN, Ran, Run};
