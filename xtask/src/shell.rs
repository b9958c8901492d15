//! Running programs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The outcome of a task. The error says what is wrong and what to do about it.
pub type Outcome<T = ()> = Result<T, String>;

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Prints what is being done.
pub fn say(what: &str) {
    eprintln!("xtask: {what}");
}

/// Runs a program in a folder; it prints to this program's output.
pub fn run(folder: &Path, program: &str, words: &[&str]) -> Outcome {
    run_env(folder, program, words, &[])
}

fn run_env(folder: &Path, program: &str, words: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let status = Command::new(program)
        .args(words)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .status()
        .map_err(|error| format!("`{program}` could not be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{program} {}` failed in {} ({status})", words.join(" "), folder.display()))
    }
}

/// Runs the cargo that runs this program.
pub fn cargo(folder: &Path, words: &[&str]) -> Outcome {
    cargo_env(folder, words, &[])
}

/// As [`cargo`], with these variables set.
pub fn cargo_env(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    run_env(folder, &cargo, words, variables)
}

/// What a program prints to standard output, which is not shown.
pub fn quiet(program: &str, words: &[&str]) -> Outcome<String> {
    let output = Command::new(program)
        .args(words)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{program}` could not be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{program} {}` failed: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// A seed that differs from run to run.
pub fn new_seed() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    // libFuzzer takes 0 for "choose one yourself".
    (now.as_nanos() as u32).max(1)
}
