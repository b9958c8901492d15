//! `rescue-host config`, and the configuration of every other verb.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rescue_config::{File, Overlay, Resolved, json_schema, resolve};
use serde_json::Value;

use crate::args::{ConfigArgs, SearchArgs};
use crate::print;

/// The configuration file that is read if none is named.
const FILE: &str = "rescue.toml";

/// Prints all values, each with its source.
pub fn show(args: &ConfigArgs, json: bool) -> Result<ExitCode> {
    let resolved = resolved(args, Vec::new())?;
    if json {
        print::value(&serde_json::to_value(&resolved.entries)?)?;
    } else {
        resolved.entries.iter().for_each(|entry| print::line(&entry.to_string()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the schema of the configuration file.
pub fn schema() -> Result<ExitCode> {
    print::value(&json_schema())?;
    Ok(ExitCode::SUCCESS)
}

/// The configuration of a run, from file, environment and flags.
pub fn of_run(args: &SearchArgs) -> Result<Resolved> {
    let mut flags = Vec::new();
    let mut flag = |flag: &str, path: &str, value: Option<Value>| {
        flags.extend(value.map(|value| Overlay { flag: flag.to_owned(), path: path.to_owned(), value }));
    };
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| Value::from(path.display().to_string()));
    flag("--n", "run.n", args.n.map(Value::from));
    flag("--seed", "run.seed", args.seed.map(Value::from));
    flag("--out", "run.out", path(&args.out));
    flag("--mode", "run.mode", args.mode.clone().map(Value::from));
    flag("--ledger", "run.ledger", path(&args.ledger));
    flag("--ledger-mode", "run.ledger-mode", args.ledger_mode.clone().map(Value::from));
    for (kind, key, value) in &args.settings {
        flag("--set", &format!("settings.{kind}.{key}"), Some(value.clone()));
    }
    resolved(&args.config, flags)
}

/// The configuration from the file and the environment, overridden by `--with`, overridden by these flags.
pub fn resolved(args: &ConfigArgs, flags: Vec<Overlay>) -> Result<Resolved> {
    let file = match &args.config {
        Some(file) => Some(File::read(file)?),
        None if Path::new(FILE).is_file() => {
            print::note(&format!("configured by {FILE}"));
            Some(File::read(Path::new(FILE))?)
        }
        None => None,
    };
    let with = args.with.iter().map(|(path, value)| Overlay {
        flag: "--with".to_owned(),
        path: path.clone(),
        value: value.clone(),
    });
    let overlays: Vec<Overlay> = with.chain(flags).collect();
    Ok(resolve(file.as_ref(), |name| std::env::var_os(name), &overlays)?)
}
