//! `rescue-host run`: one photo, one query, one mask.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rescue_config::{LedgerMode, Mode};
use rescue_pipeline::run_folder::RunFile;
use rescue_pipeline::{Journal, out};
use rescue_service::ModelId;

use crate::args::RunArgs;
use crate::work::{Done, EXAMPLE, Plugins, Work};
use crate::{config, exit, print};

/// Finds what the query describes, writes the result, and says so.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    let mut config = config::of_run(args)?.config;
    if config.run.mode == Mode::Heuristic {
        // It ranks by size alone: what no plugin reads is not asked.
        config.clip = None;
    }
    let query = args.query.clone().unwrap_or_else(|| EXAMPLE.1.to_owned());
    if args.image.is_none() {
        print::note(&format!("no --image given: searching the bundled photo of horses for {query:?}"));
    }
    let folder = config.run.out.clone();
    let replays = config.run.ledger_mode == LedgerMode::Replay;
    let work = Work {
        image: args.image.clone(),
        query,
        config,
        plugins: Plugins::Given(&args.plugins),
        models: if replays { models_of(&folder) } else { BTreeMap::new() },
        id: RunFile::new_id(),
        photo: None,
        journal: Journal::default(),
        out: Some(&folder),
        models_dir: args.models_dir.as_deref(),
        trace: args.trace.as_deref(),
        quiet: args.json,
    };
    let done = work.run()?;
    finish(&done, &folder, args.json)
}

/// The models of an earlier run in this folder, if there was one.
fn models_of(folder: &Path) -> BTreeMap<String, ModelId> {
    RunFile::read(folder).map(|run| run.models).unwrap_or_default()
}

/// Writes the result and shows it.
pub fn finish(done: &Done, folder: &Path, json: bool) -> Result<ExitCode> {
    let Done { photo, outcome, accounts } = done;
    let written = out::write(folder, photo, outcome)?;
    if json {
        print::json(&written.result)?;
    } else {
        print::outcome(outcome, &written, accounts);
    }
    Ok(if outcome.record.found { ExitCode::SUCCESS } else { ExitCode::from(exit::NOT_FOUND) })
}
