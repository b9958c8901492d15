//! The sources of a plugin: a file or a folder from which a component is built.
//!
//! Building runs the language's own tools, which run the author's code: it is for sources that one trusts. The component that comes of it is
//! sandboxed as any other.

mod error;
mod files;
mod new;
mod python;
mod rust;
mod stale;
mod tool;

use std::path::{Path, PathBuf};

pub use self::error::ProjectError;
pub use self::new::{Language, new};

/// The sources of one plugin.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of the sources.
    folder: PathBuf,
    /// The plugin's name: that of its file without ".wasm".
    name: String,
    language: Language,
}

impl Project {
    /// Whether this is a path of sources: a folder, or a file of Python.
    pub fn is_at(path: &Path) -> bool {
        path.is_dir() || path.extension().is_some_and(|ending| ending == "py") && path.is_file()
    }

    /// The project at a path: a folder with `Cargo.toml`, or with one module of Python that is no test; or that module's file itself.
    ///
    /// # Errors
    ///
    /// Returns an error if it is none of these.
    pub fn open(path: &Path) -> Result<Self, ProjectError> {
        let error = |cause: String| ProjectError::Unknown { path: path.to_owned(), cause };
        if path.is_file() {
            return python::of_file(path).map_err(error);
        }
        match (path.join("Cargo.toml").is_file(), python::modules(path).as_slice()) {
            (true, []) => rust::of_folder(path).map_err(error),
            (false, [module]) => python::of_file(module).map_err(error),
            (false, []) => Err(error(
                "it has neither a Cargo.toml nor a module of Python; `rescue-host plugin new` makes a project".into(),
            )),
            (_, modules) => {
                let names =
                    modules.iter().map(|module| module.file_name().unwrap_or_default().to_string_lossy().into_owned());
                let names = names.collect::<Vec<_>>().join(", ");
                Err(error(format!("it holds several plugins, or files that are none ({names}): name one file")))
            }
        }
    }

    /// The component that is built.
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// Builds the component, whether or not it is stale. `told` hears what is done.
    ///
    /// # Errors
    ///
    /// Returns an error if a tool is missing, with the way to get it, or if the sources cannot be built.
    pub fn build(&self, told: &mut dyn FnMut(&str)) -> Result<PathBuf, ProjectError> {
        told(&format!("building {}", self.component().display()));
        let sources = stale::digest(&self.folder)?;
        match self.language {
            Language::Python => python::build(&self.folder, &self.name, &self.component())?,
            Language::Rust => rust::build(&self.folder, &self.name, &self.component())?,
        }
        stale::mark(&self.component(), &sources)?;
        Ok(self.component())
    }

    /// The component, built anew if the sources have changed since.
    ///
    /// # Errors
    ///
    /// As [`Project::build`].
    pub fn built(&self, told: &mut dyn FnMut(&str)) -> Result<PathBuf, ProjectError> {
        if stale::is_current(&self.component(), &stale::digest(&self.folder)?) {
            return Ok(self.component());
        }
        self.build(told)
    }

    /// Runs the author's tests with the language's own runner, whose output is the program's.
    ///
    /// # Errors
    ///
    /// Returns an error if the runner is missing. Whether the tests passed is the value.
    pub fn test(&self) -> Result<bool, ProjectError> {
        match self.language {
            Language::Python => python::test(&self.folder),
            Language::Rust => rust::test(&self.folder),
        }
    }
}
