//! `rescue-host replay`: computes a run again from its ledger, and compares the result with the run's own.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rescue_pipeline::run::result_files;
use rescue_pipeline::{EarlierRun, EarlierSampleError, RunSpec};

use crate::args::ReplayArgs;
use crate::run::search;
use crate::{exit, print, several};

/// Computes a run again.
pub fn replay(args: &ReplayArgs) -> Result<ExitCode> {
    let earlier = EarlierRun::read(&args.run)?;
    let real = |folder: &Path| std::fs::canonicalize(folder).ok();
    if let Some(out) = args.out.as_deref().filter(|out| real(out).is_some() && real(out) == real(&args.run)) {
        bail!("{} is the run itself: give --out another folder", out.display());
    }
    let file = args.run.join("result.json");
    let first = match std::fs::read(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        other => Some(other.with_context(|| format!("{} could not be read", file.display()))?),
    };
    let mut spec = RunSpec { out: args.out.clone(), ..earlier.replay() };
    let run = &mut spec.config.run;
    run.threads = args.threads.unwrap_or(run.threads);
    if let Some(ledger) = &args.ledger {
        run.ledger.clone_from(ledger);
    }
    if let Some(list) = earlier.samples()? {
        if args.image.is_some() {
            return Err(EarlierSampleError::Several(args.run.clone()).into());
        }
        return several::replay(RunSpec { samples: Some(Arc::new(list)), ..spec }, &args.run, args.json);
    }
    let sample = earlier.sample(args.image.as_deref())?;
    let (_, outcome) = search(spec, &sample, args.json).map_err(|error| match &first {
        None => error
            .context(format!("this run was not finished: `rescue-host resume {}` goes on with it", args.run.display())),
        Some(_) => error,
    })?;
    let again = result_files::result_json(&outcome.record)?;
    if let Some(folder) = &args.out {
        result_files::write(folder, &sample.photo, &outcome, true)?;
    }
    let same = first.as_deref().is_none_or(|first| first == again);
    if args.json {
        print::text(&String::from_utf8_lossy(&again));
    } else {
        let answers = &outcome.record.answers;
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
