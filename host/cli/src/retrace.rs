//! `rescue-host plugin retrace`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use rescue_core::Digest;
use rescue_pipeline::plugins::{self, PluginSource};
use rescue_plugin::retrace as play_back;
use rescue_plugin::trace::Trace;
use serde_json::json;

use crate::args::RetraceArgs;
use crate::{compiling, exit, print, project};

/// Plays an event log back, and says whether everything went as before.
pub fn retrace(args: &RetraceArgs) -> Result<ExitCode> {
    let file = args.trace.display();
    let text = std::fs::read_to_string(&args.trace).with_context(|| format!("{file} could not be read"))?;
    let trace = Trace::parse(&text).with_context(|| format!("{file} is no event log of this host"))?;
    let runtime = compiling::runtime(args.json)?;
    let plugin = match &args.plugin {
        Some(name) => plugins::find(&project::component(name)?)?,
        None => left_by(trace.header.digest).with_context(|| {
            format!(
                "{file} was left by {}, which is not among the plugins here: give it with --plugin",
                trace.header.plugin
            )
        })?,
    };
    let plugin = plugin.load(&runtime)?;
    let done = play_back(&plugin, &trace)?;
    let same_file = plugin.digest() == trace.header.digest;
    if args.json {
        let divergence = done
            .divergence
            .as_ref()
            .map(|found| json!({"event": found.event, "function": found.function, "difference": found.to_string()}));
        print::value(&json!({
            "plugin": plugin.name(), "sha256": plugin.digest(), "same_file": same_file,
            "calls": done.calls, "fuel": done.fuel, "divergence": divergence,
        }))?;
    } else {
        if !same_file {
            print::note(&format!("note: {file} was left by another file ({})", trace.header.plugin));
        }
        let calls = format!("{} of {} calls", done.calls, trace.events.len());
        match &done.divergence {
            None => print::line(&format!(
                "{} {}, {}: {calls} went as before, with the same answers for the same fuel ({})",
                plugin.name(),
                plugin.version(),
                trace.header.kind,
                done.fuel
            )),
            Some(found) => {
                print::line(&format!("{} {}: {calls} went as before, then\n  {found}", plugin.name(), plugin.version()))
            }
        }
    }
    Ok(if done.divergence.is_none() { ExitCode::SUCCESS } else { ExitCode::from(exit::PLUGIN) })
}

/// The plugin of this digest, in the folders of plugins or inside the program.
fn left_by(digest: Digest) -> Result<PluginSource> {
    let is = |source: &PluginSource| source.bytes().is_ok_and(|wasm| Digest::of(&wasm) == digest);
    plugins::all().into_iter().find(is).with_context(|| format!("no plugin has the digest {digest}"))
}
