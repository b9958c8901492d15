//! `rescue-host run`: searches one photo for one query, or several samples.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use rescue_pipeline::run::folder::{INDEX, RUN, SAMPLES};
use rescue_pipeline::run::result_files;
use rescue_pipeline::{Options, Outcome, PluginChoice, Run, RunSpec, Sample, SampleList, WriteError};

use crate::args::{OutputArgs, RunArgs, SearchArgs};
use crate::progress::Bars;
use crate::{compiling, config, exit, print, project, several, timeline};

/// Searches a photo or several, writes the results, and prints them.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    let output = args.search.output;
    let _timeline = timeline::begin(args.search.timeline.as_deref())?;
    let (spec, folder) = spec(&args.search)?;
    let query = args.query.clone().unwrap_or_default();
    let several = match (&args.samples, args.image.as_slice()) {
        (Some(file), _) => {
            check_list(file, &folder)?;
            Some(SampleList::read(file)?)
        }
        (None, []) => None,
        (None, [image]) if !image.is_dir() => None,
        (None, images) => Some(SampleList::of_images(images, &query)?),
    };
    if several.is_some() {
        return several::search(RunSpec { samples: several.map(Arc::new), ..spec }, &folder, output);
    }
    let sample = match (args.image.first(), args.query.clone()) {
        (Some(image), _) => Sample::read(image, query)?,
        (None, query) => {
            let mut sample = Sample::example()?;
            sample.query = query.unwrap_or(sample.query);
            print::note(&format!("no --image given: searching the bundled photo of horses for {:?}", sample.query));
            sample
        }
    };
    sample.check(&Options::from(&spec.config))?;
    let (run, outcome) = search(spec, &sample, output.json)?;
    finish(&run, &outcome, &sample, &folder, output)
}

/// The specification of a run, and its folder.
pub fn spec(args: &SearchArgs) -> Result<(RunSpec, PathBuf)> {
    let config = config::of_run(args)?.config;
    let folder = config.run.out.clone();
    let plugins = args.plugins.iter().map(|word| project::component(word)).collect::<Result<_>>()?;
    let spec = RunSpec {
        plugins: PluginChoice::Named(plugins),
        out: Some(folder.clone()),
        trace: args.trace.clone(),
        models_dir: args.models_dir.clone(),
        ..RunSpec::new(config)
    };
    Ok((spec, folder))
}

/// Fails if a run into this folder would write over the list that it reads.
pub fn check_list(list: &Path, folder: &Path) -> Result<()> {
    let (Ok(list), Ok(folder)) = (list.canonicalize(), folder.canonicalize()) else { return Ok(()) };
    let own = [SAMPLES, INDEX, RUN, "summary.json", "evaluation.json", "timings.json"];
    let is_own = list.file_name().is_some_and(|name| own.iter().any(|own| name == *own));
    if is_own && list.parent() == Some(folder.as_path()) {
        let cause =
            std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the run would write over it: choose another --out");
        return Err(WriteError { file: list, cause }.into());
    }
    Ok(())
}

/// Opens a run and searches a sample, with a progress bar unless `quiet`.
pub fn search(mut spec: RunSpec, sample: &Sample, quiet: bool) -> Result<(Run, Outcome)> {
    spec.on_compile = compiling::on_compile(quiet);
    let run = Run::open(spec, &mut |message| print::note(message))?;
    let mut bars = Bars::new(quiet);
    let outcome = run.search(sample, &mut |progress| bars.show(progress));
    bars.finish();
    let outcome = outcome?;
    print::log(&outcome.log);
    print::readings(&outcome.record);
    Ok((run, outcome))
}

/// Writes the result into the folder and prints it.
pub fn finish(run: &Run, outcome: &Outcome, sample: &Sample, folder: &Path, output: OutputArgs) -> Result<ExitCode> {
    let written = result_files::write(folder, &sample.photo, outcome, true)?;
    if output.json {
        print::json(&written.result)?;
    } else {
        print::outcome(outcome, &written, &run.accounts());
    }
    Ok(exit::of_result(&outcome.record, output.strict))
}
