//! `rescue-host run`: one photo, one query, one mask.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use rescue_core::{Photo, Seed};
use rescue_pipeline::{Options, Search, Services, locate, out, photo};
use rescue_plugin::trace::Traces;
use rescue_plugin::{Limits, Runtime};
use rescue_service::{EmbeddedDetector, EmbeddedExecutor, Models};

use crate::args::RunArgs;
use crate::crew::crew;
use crate::progress::Bars;
use crate::{exit, print};

/// The photo of the bundled example, and what to find in it.
const EXAMPLE: (&[u8], &str) = (include_bytes!("../../../examples/photos/horses.jpg"), "the horse on the right");

/// Finds what the query describes, writes the result, and says so.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    let start = Instant::now();
    let (photo, query) = task(args)?;
    let options = Options { count: args.n, seed: Seed(args.seed), ..Options::default() };
    Search::check(&photo, query, &options)?;
    out::prepare(&args.out)?;
    args.trace.iter().try_for_each(|folder| out::prepare(folder))?;
    let runtime = Runtime::new(Limits::default(), locate::compiled().as_deref())?;
    let crew = crew(&runtime, &args.plugins, &args.settings)?;
    let services = services(args.models_dir.as_deref())?;
    let tokio =
        tokio::runtime::Builder::new_current_thread().build().context("the host could not start its runtime")?;
    let traces = args.trace.as_ref().map(|_| Traces::default());
    let room = runtime.limits().room;
    let search = Search { crew: &crew, services: &services, runtime: &tokio, room, traces: traces.clone() };
    let loaded = start.elapsed().as_secs_f64();

    let mut bars = Bars::new(args.json);
    let outcome = search.run(photo.clone(), query, &options, &mut |progress| bars.show(progress));
    bars.finish();
    let kept = match (&args.trace, traces) {
        (Some(folder), Some(traces)) => out::write_traces(folder, &traces.take()),
        _ => Ok(()),
    };
    // What ended the run is told before what became of its event logs.
    let mut outcome = outcome?;
    kept?;
    print::log(&outcome.log);
    outcome.timings.seconds.insert("load".into(), loaded);
    outcome.timings.add("total", start);
    outcome.timings.note_memory();
    let written = out::write(&args.out, &photo, &outcome)?;
    if args.json {
        print::json(&written.result)?;
    } else {
        print::outcome(&outcome, &written);
    }
    Ok(if outcome.record.found { ExitCode::SUCCESS } else { ExitCode::from(exit::NOT_FOUND) })
}

/// The photo and the query; those of the example where none are given.
fn task(args: &RunArgs) -> Result<(Arc<Photo>, &str)> {
    let (bytes, example) = EXAMPLE;
    let query = args.query.as_deref().unwrap_or(example);
    let photo = match &args.image {
        Some(file) => photo::read(file)?,
        None => {
            print::note(&format!("no --image given: searching the bundled photo of horses for {query:?}"));
            photo::decode(bytes).context("the bundled photo could not be read")?
        }
    };
    Ok((Arc::new(photo), query))
}

fn services(models_dir: Option<&Path>) -> Result<Services> {
    let models = Models::locate(models_dir, &mut |message| print::note(message))?;
    Ok(Services {
        executor: Arc::new(EmbeddedExecutor::new(&models)),
        detector: Arc::new(EmbeddedDetector::new(&models)),
    })
}
