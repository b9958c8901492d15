//! The plugins of a run: where they are found, which ones are chosen, and what they may need of the host.

mod choice;
mod files;
mod set;
mod strategy;

pub use self::choice::{PluginChoice, PluginChoiceError, PluginFile};
pub use self::files::{NotFound, PluginSource, all, compiled_folder, data_folder, find, folders};
pub use self::set::{Capabilities, ConfiguredPlugin, MissingCapability, PluginRecord, PluginSet, PluginSetError};
pub use self::strategy::{NamedPlugin, StrategySpec};

pub(crate) use self::choice::load;
pub(crate) use self::strategy::load_strategies;
