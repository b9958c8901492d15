//! `rescue-host plugin inspect`.

use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::plugins;
use rescue_plugin::{Kind, Plugin, Setting};
use serde_json::{Value, json};

use crate::{compiling, print, project};

/// Prints what a plugin is.
pub fn inspect(name: &str, as_json: bool) -> Result<ExitCode> {
    let source = plugins::find(&project::component(name)?)?;
    let plugin = source.load(&compiling::runtime(as_json)?)?;
    if as_json {
        print::value(&described(&plugin)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&format!("{} {}: {}", plugin.name(), plugin.version(), plugin.summary()));
    print::line(&format!("  file     {} ({} bytes)", source, plugin.bytes()));
    print::line(&format!("  sha256   {}", plugin.digest()));
    print::line(&format!("  imports  {}", plugin.imports().join("\n           ")));
    for kind in plugin.kinds() {
        let offer = plugin.offer(kind)?;
        print::line(&format!("  {kind}"));
        if !offer.needs.is_empty() {
            print::line(&format!("    needs  {}", offer.needs.join(", ")));
        }
        for (name, value) in &offer.traits {
            print::line(&format!("    {name} = {value}"));
        }
        for setting in offer.settings.settings() {
            print::line(&format!("    --set {kind}.{}={}  {}", setting.name, setting.default, about(setting)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The values that a setting takes, and what it does.
fn about(setting: &Setting) -> String {
    let choices: Vec<_> = setting.choices.iter().map(Value::to_string).collect();
    let range = match (choices.is_empty(), setting.range()) {
        (false, _) => format!("one of {}", choices.join(", ")),
        (true, range) if range.is_empty() => setting.kind.to_owned(),
        (true, range) => format!("{}, {range}", setting.kind),
    };
    format!("({range}) {}", setting.description)
}

fn described(plugin: &Plugin) -> Result<Value> {
    let offers = plugin.kinds().into_iter().map(|kind: Kind| {
        let offer = plugin.offer(kind)?;
        let settings: Vec<_> = offer
            .settings
            .settings()
            .iter()
            .map(|setting| {
                json!({
                    "name": setting.name, "type": setting.kind, "default": setting.default,
                    "description": setting.description, "enum": setting.choices,
                    "minimum": setting.minimum, "maximum": setting.maximum,
                })
            })
            .collect();
        Ok(json!({"kind": kind, "needs": offer.needs, "traits": offer.traits, "settings": settings}))
    });
    Ok(json!({
        "name": plugin.name(), "version": plugin.version(), "summary": plugin.summary(), "bytes": plugin.bytes(),
        "sha256": plugin.digest(), "imports": plugin.imports(), "offers": offers.collect::<Result<Vec<_>>>()?,
    }))
}
