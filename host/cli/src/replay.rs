//! `rescue-host replay`: computes a run again from its ledger, and holds it against what it gave.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rescue_config::LedgerMode;
use rescue_pipeline::run_folder::{JOURNAL, RunFile};
use rescue_pipeline::{Journal, out};

use crate::args::ReplayArgs;
use crate::work::{Plugins, Work};
use crate::{exit, print};

/// Computes a run again.
pub fn replay(args: &ReplayArgs) -> Result<ExitCode> {
    let run = RunFile::read(&args.run)?;
    let real = |folder: &Path| std::fs::canonicalize(folder).ok();
    if let Some(out) = args.out.as_deref().filter(|out| real(out).is_some() && real(out) == real(&args.run)) {
        bail!("{} is the run itself: give --out another folder", out.display());
    }
    let file = args.run.join("result.json");
    let first = match std::fs::read(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        other => Some(other.with_context(|| format!("{} could not be read", file.display()))?),
    };
    let mut config = run.config.clone();
    config.run.ledger = args.ledger.clone().unwrap_or_else(|| args.run.join(&run.ledger));
    config.run.ledger_mode = LedgerMode::Replay;
    config.run.threads = args.threads.unwrap_or(config.run.threads);
    let work = Work {
        image: args.image.clone().or_else(|| run.image.clone()),
        query: run.query.clone(),
        config,
        plugins: Plugins::Same(&run.plugins),
        models: run.models.clone(),
        id: run.id.clone(),
        photo: Some(run.sha256),
        journal: Journal::read(&args.run.join(JOURNAL))?,
        out: args.out.as_deref(),
        models_dir: None,
        trace: None,
        quiet: args.json,
    };
    let done = work.run().map_err(|error| match &first {
        None => error
            .context(format!("this run was not finished: `rescue-host resume {}` goes on with it", args.run.display())),
        Some(_) => error,
    })?;
    let again = out::result(&done.outcome.record)?;
    if let Some(folder) = &args.out {
        out::write(folder, &done.photo, &done.outcome)?;
    }
    if args.json {
        print::text(&String::from_utf8_lossy(&again));
    }
    let same = first.as_deref().is_none_or(|first| first == again);
    if !args.json {
        let answers = &done.outcome.record.answers;
        print::line(&match (&first, same) {
            (None, _) => {
                format!("{} holds no result to compare with; this is one (answers {answers})", args.run.display())
            }
            (Some(_), true) => format!("the same, byte for byte: {} (answers {answers})", file.display()),
            (Some(_), false) => format!("another result than {}: compare them with --out DIR", file.display()),
        });
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(exit::DIFFERENT) })
}
