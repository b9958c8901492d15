//! Where plugins and compiled code lie.

use std::env;
use std::path::{Path, PathBuf};

/// Where built plugins lie in a checkout, from its root.
const DIST: &str = "plugins/dist";

/// A plugin that is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no plugin {name:?}: looked for {}. \
         `cargo xtask plugins` builds the standard ones, `rescue-host plugin list` shows what there is", list(.looked))]
pub struct NotFound {
    /// The name as given.
    pub name: String,
    /// Where it was looked for.
    pub looked: Vec<PathBuf>,
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The user's folder of plugins, where the machine says where users' data lie.
pub fn data() -> Option<PathBuf> {
    home("XDG_DATA_HOME", ".local/share").map(|home| home.join("rescue-host").join("plugins"))
}

/// The user's folder of compiled plugins, where the machine says where users' caches lie.
pub fn compiled() -> Option<PathBuf> {
    home("XDG_CACHE_HOME", ".cache").map(|home| home.join("rescue-host").join("compiled"))
}

fn home(variable: &str, below: &str) -> Option<PathBuf> {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set(variable).or_else(|| set("HOME").map(|home| home.join(below)))
}

/// The folders that plugins are looked for in, in this order.
pub fn folders() -> Vec<PathBuf> {
    [Some(PathBuf::from(DIST)), data()].into_iter().flatten().collect()
}

/// A plugin's file: the path itself, else that name in one of the folders, with or without `.wasm`.
pub fn plugin(name: &str) -> Result<PathBuf, NotFound> {
    let path = Path::new(name);
    let mut looked = vec![path.to_owned()];
    let bare = path.components().count() == 1;
    if bare {
        let file = if path.extension().is_some() { name.to_owned() } else { format!("{name}.wasm") };
        looked.extend(folders().into_iter().map(|folder| folder.join(&file)));
    }
    match looked.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(NotFound { name: name.into(), looked }),
    }
}
