//! Resolves the configuration of a run from the file `rescue.toml`, the environment variables of the original system, and flags.
//! For each single value, a flag overrides a variable, and a variable overrides the file. Each value keeps a note of its source.
//!
//! The doc comment of a field in [`Config`] is the only description of its key: the [JSON Schema](json_schema), messages about
//! values that are not allowed, and `examples/rescue.toml` are derived from it.

mod chat;
mod config;
mod error;
mod file;
mod limits;
mod resolve;
mod rule;
mod schema;
mod secret;
mod source;
mod url;

pub use chat::{Chat, Coordinates, Dialect, Images, Thinking};
pub use config::{
    Clip, Config, Contract, Detection, Detector, Executor, LedgerMode, Mode, Place, Plugins, Run, Service,
};
pub use error::ConfigError;
pub use file::File;
pub use resolve::{Resolved, VARIABLES, resolve};
pub use schema::json_schema;
pub use secret::Secret;
pub use source::{Entry, Overlay, Source};
