//! `rescue-host plugin new`, `build` and `test`: the sources of plugins.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::plugins;
use rescue_plugin::Kind;
use rescue_project::{Project, new};

use crate::{exit, print};

/// The plugin that a word names. If the word is a path of sources, their component, built first if they have changed. A folder does not hide
/// a plugin of its name.
pub fn component(word: &str) -> Result<String> {
    let path = Path::new(word);
    if plugins::find(word).is_ok_and(|found| found.file() != Some(path)) || !Project::is_at(path) {
        return Ok(word.to_owned());
    }
    let built = Project::open(path)?.built(&mut |message| print::note(message))?;
    Ok(built.display().to_string())
}

/// Makes a project.
pub fn make(folder: &Path, kind: Kind) -> Result<ExitCode> {
    for file in new(folder, kind)? {
        print::line(&file.display().to_string());
    }
    print::note(&format!(
        "next: `rescue-host plugin test {0}`, `rescue-host plugin check {0}`, and `rescue-host run --plugin {0}`, which build it first",
        folder.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Builds a project.
pub fn build(path: &Path) -> Result<ExitCode> {
    let component = Project::open(path)?.build(&mut |message| print::note(message))?;
    print::line(&component.display().to_string());
    Ok(ExitCode::SUCCESS)
}

/// Runs the tests of a project.
pub fn test(path: &Path) -> Result<ExitCode> {
    Ok(if Project::open(path)?.test()? { ExitCode::SUCCESS } else { ExitCode::from(exit::PLUGIN) })
}
