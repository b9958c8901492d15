//! Runs tools.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::ProjectError;

/// Runs a tool and returns what it printed on standard output.
///
/// # Errors
///
/// Returns [`ProjectError::Tool`] with `way` if there is no such tool, and [`ProjectError::Build`] with what it said if it failed.
pub(crate) fn run(command: &mut Command, of: &Path, way: &str) -> Result<String, ProjectError> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| missing(&tool, &error, way))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Err(ProjectError::Build { path: of.to_owned(), told: told.concat().trim().to_owned() })
}

/// Runs a tool whose output is the program's. Returns whether it succeeded.
pub(crate) fn shown(command: &mut Command, way: &str) -> Result<bool, ProjectError> {
    let tool = command.get_program().to_string_lossy().into_owned();
    Ok(command.status().map_err(|error| missing(&tool, &error, way))?.success())
}

fn missing(tool: &str, error: &std::io::Error, way: &str) -> ProjectError {
    ProjectError::Tool { tool: tool.to_owned(), cause: format!("{error}. {way}") }
}
