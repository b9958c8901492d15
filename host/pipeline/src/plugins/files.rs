//! Finds plugins by path or name: in folders first, then inside the program.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use rescue_plugin::{Plugin, PluginError, Runtime};

/// The folder of built plugins in a checkout, from its root.
const DIST: &str = "plugins/dist";

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginSource {
    /// A file.
    File(PathBuf),
    /// The program itself, under this name.
    BuiltIn(String),
}

/// A plugin that was not found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no plugin {name:?}: looked for {}. `rescue-host plugin list` shows what there is; in a checkout, \
         `cargo xtask plugins` builds the standard ones", list(.looked))]
pub struct NotFound {
    /// The name as given.
    pub name: String,
    /// The files that were looked for.
    pub looked: Vec<PathBuf>,
}

/// A bare name is looked for in several folders, and inside the program too.
fn list(paths: &[PathBuf]) -> String {
    let inside = (paths.len() > 1).then(|| "inside this program".to_owned());
    paths.iter().map(|path| path.display().to_string()).chain(inside).collect::<Vec<_>>().join(", ")
}

impl PluginSource {
    /// Loads the plugin.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or is no plugin.
    pub fn load(&self, runtime: &Runtime) -> Result<Plugin, PluginError> {
        match self {
            Self::File(file) => runtime.load(file),
            Self::BuiltIn(name) => {
                runtime.load_bytes(&self.to_string(), rescue_standard::plugin(name).unwrap_or_default())
            }
        }
    }

    /// The component's bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    pub fn bytes(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::File(file) => std::fs::read(file),
            Self::BuiltIn(name) => Ok(rescue_standard::plugin(name).unwrap_or_default().to_vec()),
        }
    }

    /// The name by which [`find`] finds it, unless another plugin of that name comes first.
    pub fn name(&self) -> String {
        match self {
            Self::File(file) => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            Self::BuiltIn(name) => name.clone(),
        }
    }

    /// The plugin's file. `None` if it is inside the program.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::BuiltIn(_) => None,
        }
    }
}

impl fmt::Display for PluginSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::BuiltIn(name) => write!(f, "{name} (built in)"),
        }
    }
}

/// The user's folder of plugins. `None` if the environment does not tell where the user's data is.
pub fn data_folder() -> Option<PathBuf> {
    home("XDG_DATA_HOME", ".local/share").map(|home| home.join("rescue-host").join("plugins"))
}

/// The user's cache of compiled plugins. `None` if the environment does not tell where the user's caches are.
pub fn compiled_folder() -> Option<PathBuf> {
    home("XDG_CACHE_HOME", ".cache").map(|home| home.join("rescue-host").join("compiled"))
}

fn home(variable: &str, below: &str) -> Option<PathBuf> {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set(variable).or_else(|| set("HOME").map(|home| home.join(below)))
}

/// The folders that are searched for plugins, in this order.
pub fn folders() -> Vec<PathBuf> {
    [Some(PathBuf::from(DIST)), data_folder()].into_iter().flatten().collect()
}

/// Finds a plugin: a file at this path, else a file of this name, with or without `.wasm`, in one of the [`folders`], else a plugin
/// of this name inside the program.
///
/// # Errors
///
/// Returns an error that lists the files that were looked for.
pub fn find(name: &str) -> Result<PluginSource, NotFound> {
    let path = Path::new(name);
    let mut looked = vec![path.to_owned()];
    let is_bare = path.components().count() == 1;
    if is_bare {
        let file = if path.extension().is_some() { name.to_owned() } else { format!("{name}.wasm") };
        looked.extend(folders().into_iter().map(|folder| folder.join(&file)));
    }
    if let Some(file) = looked.iter().find(|path| path.is_file()) {
        return Ok(PluginSource::File(file.clone()));
    }
    let stem = name.strip_suffix(".wasm").unwrap_or(name);
    if is_bare && rescue_standard::plugin(stem).is_some() {
        return Ok(PluginSource::BuiltIn(stem.to_owned()));
    }
    Err(NotFound { name: name.into(), looked })
}

/// All plugins in the [`folders`] and inside the program, in the order in which [`find`] looks for them.
pub fn all() -> Vec<PluginSource> {
    let mut sources: Vec<PluginSource> = Vec::new();
    for folder in folders() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
        files.sort();
        sources.extend(files.into_iter().map(PluginSource::File));
    }
    sources.extend(rescue_standard::PLUGINS.iter().map(|(name, _)| PluginSource::BuiltIn((*name).to_owned())));
    sources
}
