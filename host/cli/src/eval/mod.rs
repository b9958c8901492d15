//! `rescue-host eval`: searches the entries of a data set, and compares what is found with the truth.

mod dry_run;
mod table;

pub use self::table::signed_ends;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use rescue_config::LedgerMode;
use rescue_pipeline::{
    Ask, Event, Further, ListedSample, Outcome, Run, RunSpec, Sample, SampleState, StillCounts, Tally, WriteError,
    replace,
};
use rescue_plugin::Kind;
use rescue_study::baselines::counts;
use rescue_study::evaluation::Evaluation;
use rescue_study::junit::junit;
use rescue_study::masks::Form;
use rescue_study::metrics::EmptyRule;
use rescue_study::plan::Plan;
use rescue_study::schemas::schema;
use rescue_study::score::score;
use rescue_study::strategies::{PluginWord, Strategies};
use rescue_study::summary::Summary;

use crate::args::{BoundArgs, EvalArgs, EvalCommand, EvalVerb, FailOn, ScoreArgs};
use crate::several::{Bar, stop_on_interrupt};
use crate::{compiling, dataset, exit, print, progress, project, run, timeline};

/// Evaluates a run on a data set, or scores an evaluation.
pub fn eval(verb: &EvalVerb) -> Result<ExitCode> {
    match &verb.command {
        Some(EvalCommand::Score(args)) => again(args),
        Some(EvalCommand::Schema { file }) => {
            print::value(&schema(file).unwrap_or_default())?;
            Ok(ExitCode::SUCCESS)
        }
        None => evaluate(&verb.args),
    }
}

fn evaluate(args: &EvalArgs) -> Result<ExitCode> {
    let output = args.search.output;
    let _timeline = timeline::begin(args.search.timeline.as_deref())?;
    let Some((dataset, bad)) = open(args)? else {
        print::note("no entry of that evaluation is meant by --only: there is nothing to do");
        return Ok(ExitCode::SUCCESS);
    };
    let (mut spec, folder) = run::spec(&args.search)?;
    args.dataset.iter().try_for_each(|source| run::check_list(&source.path, &folder))?;
    let strategies = choose_strategies(&mut spec, args)?;
    let masks = args.save_masks.as_deref().map(|form| if form == "coco" { Form::Coco } else { Form::Png });
    if args.retry_failed {
        spec.config.run.ledger_mode = LedgerMode::Fill;
    }
    let fills = spec.config.run.ledger_mode == LedgerMode::Fill;
    let first = spec.config.run.seed;
    let seeds = (0..u64::from(args.repeats)).map(|repeat| first.wrapping_add(repeat)).collect();
    let empty = empty_rule(&args.empty);
    let evaluation = Arc::new(Evaluation::new(dataset, folder.clone(), empty, masks, fills, seeds));
    spec.samples = Some(Arc::new(evaluation.list()?));
    let scored = evaluation.clone();
    spec.still_counts = StillCounts::new(move |id| scored.is_scored(id));
    spec.may_grow = true;
    spec.overlays = args.overlays;
    spec.on_compile = compiling::on_compile(output.json);
    let count = spec.config.run.n;
    let (entries, ask) = (spec.samples.as_ref().map_or(0, |list| list.entries().len()), spec.further.ask == Ask::Every);
    let run = Run::open(spec, &mut |message| print::note(message))?;
    run.check()?;
    let plan = Plan::of(&run, &strategies, count, ask);
    if args.dry_run {
        evaluation.plan(plan);
        return dry_run::dry_run(&run, entries, output.json);
    }
    evaluation.begin(plan)?;
    let (tally, mut failed, too_many) = search(&run, entries, args.fail_on, &evaluation, output.json)?;
    print::note(&format!("results: {}", folder.display()));
    failed.extend(bad);
    if too_many {
        let failed = tally.failed + evaluation.without_truth();
        print::note(&format!(
            "stopped by --fail-on: {failed} of {entries} entries have failed; the same command goes on"
        ));
    }
    let summary = evaluation.finish(failed)?;
    show(&summary, Some(&folder), output.json)?;
    if evaluation.retried() > 0 {
        let count = evaluation.retried();
        print::note(&format!(
            "{count} of the entries had failed or lacked answers and were searched again: retried.json"
        ));
    }
    let missed = check(&args.bounds, &summary)?;
    if too_many {
        return Ok(ExitCode::from(exit::SAMPLES));
    }
    Ok(match (tally.left, summary.failed.len(), missed) {
        (0, 1.., _) => ExitCode::from(exit::SAMPLES),
        // That a service failed explains more than that a bound was missed.
        (0, 0, true) if tally.unanswered == 0 => ExitCode::from(exit::BOUND),
        _ => exit::of_tally(tally, output.strict),
    })
}

/// Computes the metrics of an evaluation anew.
fn again(args: &ScoreArgs) -> Result<ExitCode> {
    let summary = score(&args.run, args.empty.as_deref().map(empty_rule), args.out.as_deref())?;
    show(&summary, args.out.as_deref(), args.json)?;
    let missed = check(&args.bounds, &summary)?;
    Ok(if missed { ExitCode::from(exit::BOUND) } else { ExitCode::SUCCESS })
}

fn empty_rule(name: &str) -> EmptyRule {
    if name == "zero" { EmptyRule::Zero } else { EmptyRule::One }
}

/// Opens the data set. Returns also what of it cannot be used, which is an error unless it is to be left out. `None` if no entry is meant.
fn open(args: &EvalArgs) -> Result<Option<(rescue_dataset::Dataset, BTreeMap<String, String>)>> {
    let mut part = args.part.clone();
    if let (Some(only), Some(of)) = (args.only, &args.of) {
        let meant = only.ids(of)?;
        // What the data set's own file spoils has no id.
        let meant: Vec<String> = meant.into_iter().filter(|id| !id.starts_with(BAD)).collect();
        if meant.is_empty() {
            return Ok(None);
        }
        part.ids.extend(meant);
    }
    let source = args.dataset.as_ref().ok_or_else(|| anyhow!("no data set is named"))?;
    let dataset = dataset::open(source, &part)?;
    if let (Some(first), false) = (dataset.bad.first(), args.skip_bad) {
        let why = format!("{} entries cannot be used", dataset.bad.len());
        let way_out = "`rescue-host dataset check` names all; --skip-bad leaves them out";
        return Err(anyhow!(first.clone()).context(format!("{why} ({way_out}); the first")));
    }
    let bad = dataset.bad.iter().enumerate().map(|(number, error)| (format!("{BAD}{}", number + 1), error.to_string()));
    let bad = bad.collect();
    Ok(Some((dataset, bad)))
}

/// What the names of entries without an id begin with. No id has a slash.
const BAD: &str = "bad/";

/// Adds the strategies that are to be compared to the specification of a run.
fn choose_strategies(spec: &mut RunSpec, args: &EvalArgs) -> Result<Strategies> {
    let [scorers, verifiers, tournaments] = [&args.scorer, &args.verifier, &args.tournament].map(|words| built(words));
    let strategies = Strategies::of(&scorers?, &verifiers?, &tournaments?).map_err(|why| anyhow!(why))?;
    // Settings behind the name of a plugin are that plugin's alone.
    let settings = spec.config.settings.clone();
    for (kind, plugin) in &strategies.own {
        let place = match kind {
            Kind::Planner => &mut spec.config.plugins.planner,
            Kind::Scorer => &mut spec.config.plugins.scorer,
            Kind::Verifier => &mut spec.config.plugins.verifier,
            Kind::Tournament => &mut spec.config.plugins.tournament,
        };
        place.clone_from(&plugin.name);
        if !plugin.settings.is_empty() {
            spec.config.settings.entry(kind.name().to_owned()).or_default().extend(plugin.settings.clone());
        }
    }
    // A replay can ask nobody.
    let asks = !args.no_ask && spec.config.run.ledger_mode != LedgerMode::Replay;
    let (counts, ask) = (counts(spec.config.run.n), if asks { Ask::Every } else { Ask::Whole });
    let others = strategies.others.iter().map(|(spec, _)| spec.clone()).collect();
    spec.further = Further { counts, strategies: others, settings, ask };
    Ok(strategies)
}

/// Plugins as they were named; of those that are sources, the components.
fn built(words: &[PluginWord]) -> Result<Vec<PluginWord>> {
    let mut words = words.to_vec();
    words.iter_mut().try_for_each(|word| project::component(&word.plugin.name).map(|name| word.plugin.name = name))?;
    Ok(words)
}

/// Searches all entries. Returns also those without a result, and why, and whether they were too many.
fn search(
    run: &Run,
    count: usize,
    fail_on: Option<FailOn>,
    evaluation: &Evaluation,
    quiet: bool,
) -> Result<(Tally, BTreeMap<String, String>, bool)> {
    let stop = stop_on_interrupt(run, "the same command goes on")?;
    let mut bar = Bar::new(count, quiet);
    let (mut failed, mut too_many) = (BTreeMap::new(), false);
    let seen = |listed: &ListedSample, _: &Sample, outcome: &Outcome| evaluation.seen(&listed.id, outcome);
    let outcome = run.search_all(&stop, &seen, &mut |event| match event {
        Event::Ended(line) if line.state == SampleState::Failed => {
            let (id, why) = (line.id.clone().unwrap_or_default(), line.why.join("; "));
            bar.above(|| print::note(&format!("{id}: FAILED: {why}")));
            failed.insert(id, why);
        }
        Event::Ended(_) => {}
        Event::Progress(event) => bar.above(|| progress::note(event)),
        Event::Tick { ended, known, under_way } => {
            let lost = failed.len() + evaluation.without_truth();
            if !too_many && fail_on.is_some_and(|fail_on| fail_on.is_reached(lost, count)) {
                too_many = true;
                stop.stop();
            }
            bar.running = evaluation.running();
            bar.show(ended, known, under_way, run);
        }
    });
    bar.finish();
    let tally = outcome?;
    if !quiet {
        print::accounts(&run.accounts());
    }
    if tally.left > 0 && !too_many {
        print::note(&format!("stopped: {} of {count} entries are left; the same command goes on", tally.left));
    }
    Ok((tally, failed, too_many))
}

fn show(summary: &Summary, folder: Option<&Path>, json: bool) -> Result<()> {
    if json {
        print::value(&serde_json::to_value(summary)?)?;
    } else {
        table::show(summary, folder);
    }
    Ok(())
}

/// Says which bounds are not reached, and writes them into a file if that is wished. Returns whether there is one.
fn check(bounds: &BoundArgs, summary: &Summary) -> Result<bool> {
    let missed: Vec<_> = bounds.assertions.iter().filter(|assertion| !assertion.holds(summary)).collect();
    for assertion in &missed {
        print::note(&format!("NOT REACHED: {assertion}: it is {}", table::share(assertion.value(summary))));
    }
    if let Some(file) = &bounds.junit {
        replace(file, junit(&bounds.assertions, summary).as_bytes())
            .map_err(|cause| WriteError { file: file.clone(), cause })?;
    }
    Ok(!missed.is_empty())
}
