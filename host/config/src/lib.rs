//! What a run is configured with: one file, `rescue.toml`, then the variables of the original system, then flags. Later ones win,
//! value by value, and for each value it is known where it came from.
//!
//! Every key is described once, by the doc comment of its field in [`Config`]; the [JSON Schema](json_schema), the messages about
//! what does not fit, and `examples/rescue.toml` follow from there.

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
