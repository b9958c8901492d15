//! `rescue-host plugin list`.

use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::plugins::{self, PluginSource};
use rescue_plugin::{Plugin, PluginError};
use serde_json::{Value, json};

use crate::{compiling, print};

/// Lists the plugins in all folders and inside the program. A plugin that cannot be loaded is listed with the reason.
pub fn list(as_json: bool) -> Result<ExitCode> {
    let runtime = compiling::runtime(as_json)?;
    let mut rows = Vec::new();
    for source in plugins::all() {
        let plugin = source.load(&runtime);
        let first = rows.iter().find(|(other, ..): &&Row| other.name() == source.name());
        // The program's own plugins are not listed beside files that are equal to them.
        let is_same = |(_, other, _): &Row| matches!((other, &plugin), (Ok(a), Ok(b)) if a.digest() == b.digest());
        if source.file().is_some() || !first.is_some_and(is_same) {
            let hidden = first.is_some();
            rows.push((source, plugin, hidden));
        }
    }
    if as_json {
        print::value(&Value::Array(rows.iter().map(described).collect()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        print::note("no plugins: this program was built without the standard ones; `cargo xtask plugins` builds them");
    }
    for (source, plugin, hidden) in &rows {
        match plugin {
            Ok(plugin) => {
                let kinds: Vec<_> = plugin.kinds().iter().map(|kind| kind.name()).collect();
                let name = format!("{} {}", plugin.name(), plugin.version());
                let place = source.file().map_or("built in".into(), |file| file.display().to_string());
                let note = if *hidden { "; hidden by the one above" } else { "" };
                print::line(&format!("{name:<20} {:<11} {}  ({place}{note})", kinds.join(","), plugin.summary()));
            }
            Err(error) => print::line(&format!("{source}: {error}")),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A plugin, what loading it gave, and whether one of the same name comes first.
type Row = (PluginSource, Result<Plugin, PluginError>, bool);

/// `file` is null for a plugin inside the program.
fn described((source, plugin, hidden): &Row) -> Value {
    match plugin {
        Ok(plugin) => json!({
            "file": source.file(), "name": plugin.name(), "version": plugin.version(), "kinds": plugin.kinds(),
            "summary": plugin.summary(), "sha256": plugin.digest(), "hidden": hidden,
        }),
        Err(error) => json!({"file": source.file(), "error": error.to_string()}),
    }
}
