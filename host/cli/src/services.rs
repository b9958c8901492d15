//! `rescue-host services check`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::run::tokio_runtime;
use rescue_pipeline::{ServerCheck, probe};
use rescue_service::Models;
use serde_json::json;

use crate::args::ConfigArgs;
use crate::{config, exit, print};

/// Puts one small question to each server.
pub fn check(args: &ConfigArgs, models_dir: Option<&Path>, as_json: bool) -> Result<ExitCode> {
    let config = config::resolved(args, Vec::new())?.config;
    let models = || Models::locate(models_dir, &mut |message| print::note(message));
    let show = |checked: &ServerCheck| {
        if !as_json {
            shown(checked);
        }
    };
    let all = tokio_runtime(config.run.threads)?.block_on(probe(&config, models, show))?;
    if as_json {
        print::value(&json!(all))?;
    }
    let chats = [
        ("planner", config.planner.is_some()),
        ("clip", config.clip.is_some()),
        ("verifier", config.verifier.is_some()),
    ];
    for (service, _) in chats.iter().filter(|(_, there)| !there && !as_json) {
        print::line(&format!("none   {service:<9} not configured: --with {service}.url=URL"));
    }
    let ok = all.iter().all(|checked| checked.ok);
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(exit::SERVICE) })
}

fn shown(checked: &ServerCheck) {
    let ServerCheck { service, url, ok, model, server, slots, seconds, notes, error } = checked;
    print::line(&format!("{} {service:<9} {url}", if *ok { "ok    " } else { "FAILED" }));
    if *ok {
        let seconds = seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.2} s"));
        let server = if server.is_empty() { "no version told" } else { server };
        print::line(&format!("       {model} · {server} · {slots} at once · one request {seconds}"));
    }
    for note in notes.iter().chain(error) {
        print::line(&format!("       {}", note.replace('\n', "\n       ")));
    }
}
