//! `rescue-host resume`: goes on with a run. There is no checkpoint: answers come from the ledger, and the rest is computed again.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use rescue_pipeline::{EarlierRun, EarlierSampleError, RunSpec};

use crate::args::ResumeArgs;
use crate::run::{finish, search};
use crate::{several, timeline};

/// Goes on with a run.
pub fn resume(args: &ResumeArgs) -> Result<ExitCode> {
    let _timeline = timeline::begin(args.timeline.as_deref())?;
    let earlier = EarlierRun::read(&args.run)?;
    let spec = RunSpec { models_dir: args.models_dir.clone(), ..earlier.resume(args.fill) };
    if let Some(list) = earlier.samples()? {
        if args.image.is_some() {
            return Err(EarlierSampleError::Several(args.run.clone()).into());
        }
        let spec = RunSpec { samples: Some(Arc::new(list)), ..spec };
        return several::search(spec, &args.run, args.output);
    }
    let sample = earlier.sample(args.image.as_deref())?;
    let (run, outcome) = search(spec, &sample, args.output.json)?;
    finish(&run, &outcome, &sample, &args.run, args.output)
}
