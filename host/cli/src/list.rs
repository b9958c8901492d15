//! `rescue-host plugin list`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::locate;
use rescue_plugin::{Limits, Runtime};
use serde_json::{Value, json};

use crate::print;

/// Lists the plugins in all folders; one that does not load is listed with why.
pub fn list(as_json: bool) -> Result<ExitCode> {
    let runtime = Runtime::new(Limits::default(), locate::compiled().as_deref())?;
    let mut rows = Vec::new();
    for folder in locate::folders() {
        let Ok(files) = std::fs::read_dir(&folder) else { continue };
        let files: BTreeSet<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        for file in files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "wasm")) {
            rows.push((file.clone(), runtime.load(&file)));
        }
    }
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(file, plugin)| match plugin {
                Ok(plugin) => json!({
                    "file": file, "name": plugin.name(), "version": plugin.version(), "kinds": plugin.kinds(),
                    "summary": plugin.summary(), "sha256": plugin.digest(),
                }),
                Err(error) => json!({"file": file, "error": error.to_string()}),
            })
            .collect();
        print::value(&Value::Array(rows))?;
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        let folders: Vec<_> = locate::folders().iter().map(|folder| folder.display().to_string()).collect();
        print::note(&format!("no plugins in {}: `cargo xtask plugins` builds the standard ones", folders.join(" or ")));
    }
    for (file, plugin) in rows {
        match plugin {
            Ok(plugin) => {
                let kinds: Vec<_> = plugin.kinds().iter().map(|kind| kind.name()).collect();
                let name = format!("{} {}", plugin.name(), plugin.version());
                print::line(&format!("{name:<20} {:<11} {}", kinds.join(","), plugin.summary()));
            }
            Err(error) => print::line(&format!("{}: {error}", file.display())),
        }
    }
    Ok(ExitCode::SUCCESS)
}
