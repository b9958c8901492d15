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
pub use self::new::new;

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    /// Python, built with componentize-py.
    Python,
    /// Rust, built with Cargo.
    Rust,
}

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
    /// Whether this is a path of sources: a module of Python, or a folder with one or with `Cargo.toml`.
    pub fn is_at(path: &Path) -> bool {
        if path.is_dir() {
            path.join("Cargo.toml").is_file() || !python::modules(path).is_empty()
        } else {
            is_module(path) && path.is_file()
        }
    }

    /// The project at a path: a folder with `Cargo.toml`, or with one module of Python that is no test; or that module's file itself.
    ///
    /// # Errors
    ///
    /// Returns an error if it is none of these.
    pub fn open(path: &Path) -> Result<Self, ProjectError> {
        let error = |cause: String| ProjectError::Unknown { path: path.to_owned(), cause };
        if !path.exists() {
            return Err(error("there is nothing".into()));
        }
        if path.is_file() {
            return match is_module(path) {
                true => python::of_file(path).map_err(error),
                false => Err(error("it is no module of Python: name a file that ends in .py, or a folder".into())),
            };
        }
        if path.join("Cargo.toml").is_file() {
            return rust::of_folder(path);
        }
        match python::modules(path).as_slice() {
            [module] => python::of_file(module).map_err(error),
            [] => Err(error(
                "it has neither a Cargo.toml nor a module of Python; `rescue-host plugin new` makes a project".into(),
            )),
            modules => {
                let names = modules.iter().map(|module| module.file_name().unwrap_or_default().to_string_lossy());
                let names = names.collect::<Vec<_>>().join(", ");
                Err(error(format!("it holds several modules ({names}): name the plugin's file")))
            }
        }
    }

    /// The component that is built.
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// Builds the component, whether or not the sources have changed. `told` hears what is done.
    ///
    /// # Errors
    ///
    /// Returns an error if a tool is missing, with the way to get it, or if the sources cannot be built.
    pub fn build(&self, told: &mut dyn FnMut(&str)) -> Result<PathBuf, ProjectError> {
        let component = self.component();
        told(&format!("building {}", component.display()));
        match self.language {
            Language::Python => {
                let sources = stale::digest(&self.folder, python::COMPONENTIZE)?;
                python::build(&self.folder, &self.name, &component)?;
                stale::mark(&component, &sources)?;
            }
            Language::Rust => rust::build(&self.folder, &self.name, &component)?,
        }
        Ok(component)
    }

    /// The component, built anew if the sources have changed since. For Rust, Cargo knows whether they have.
    ///
    /// # Errors
    ///
    /// As [`Project::build`].
    pub fn built(&self, told: &mut dyn FnMut(&str)) -> Result<PathBuf, ProjectError> {
        let component = self.component();
        if self.language == Language::Python
            && stale::is_current(&component, &stale::digest(&self.folder, python::COMPONENTIZE)?)
        {
            return Ok(component);
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

/// Whether a path is called as a module of Python.
fn is_module(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "py")
}
