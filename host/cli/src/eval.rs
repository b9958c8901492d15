//! `rescue-host eval`: searches the entries of a data set, and compares what is found with the truth.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use rescue_pipeline::run::Event;
use rescue_pipeline::{ListedSample, Outcome, Run, RunSpec, Sample, SampleState, StillCounts, Tally};
use rescue_study::choices::Rule;
use rescue_study::evaluation::Evaluation;
use rescue_study::metrics::EmptyRule;
use rescue_study::summary::Summary;

use crate::args::EvalArgs;
use crate::several::{Bar, stop_on_interrupt};
use crate::{compiling, dataset, exit, print, progress, run, timeline};

/// Entries without a result that are shown.
const SHOWN: usize = 10;

/// Evaluates a run on a data set.
pub fn eval(args: &EvalArgs) -> Result<ExitCode> {
    let output = args.search.output;
    let _timeline = timeline::begin(args.search.timeline.as_deref())?;
    let dataset = dataset::open(&args.dataset, &args.part)?;
    if let (Some(first), false) = (dataset.bad.first(), args.skip_bad) {
        let why = format!("{} entries cannot be used; the first: {first}", dataset.bad.len());
        return Err(anyhow!(first.clone())
            .context(format!("{why}. `rescue-host dataset check` names all; --skip-bad leaves them out")));
    }
    let bad: BTreeMap<String, String> = dataset
        .bad
        .iter()
        .enumerate()
        .map(|(number, error)| (format!("bad {}", number + 1), error.to_string()))
        .collect();
    let empty = if args.empty == "zero" { EmptyRule::Zero } else { EmptyRule::One };
    let (mut spec, folder) = run::spec(&args.search)?;
    let evaluation = Arc::new(Evaluation::new(dataset, folder.clone(), empty));
    spec.samples = Some(Arc::new(evaluation.list()?));
    let scored = evaluation.clone();
    spec.still_counts = StillCounts::new(move |id| scored.is_scored(id));
    spec.on_compile = compiling::on_compile(output.json);
    let (tally, mut failed) = search(spec, &evaluation, &folder, output.json)?;
    failed.extend(bad);
    let summary = evaluation.finish(failed)?;
    if output.json {
        print::value(&serde_json::to_value(&summary)?)?;
    } else {
        show(&summary, &folder);
    }
    let missed: Vec<_> = args.assertions.iter().filter(|assertion| !assertion.holds(&summary)).collect();
    for assertion in &missed {
        print::note(&format!("NOT REACHED: {assertion}: it is {}", share(assertion.value(&summary))));
    }
    Ok(match (tally.left, summary.failed.len(), missed.len()) {
        (0, 1.., _) => ExitCode::from(exit::SAMPLES),
        // That a service failed explains more than that a bound was missed.
        (0, 0, 1..) if tally.unanswered == 0 => ExitCode::from(exit::BOUND),
        _ => exit::of_tally(tally, output.strict),
    })
}

/// Searches all entries. Returns those without a result, and why.
fn search(
    spec: RunSpec,
    evaluation: &Evaluation,
    folder: &Path,
    quiet: bool,
) -> Result<(Tally, BTreeMap<String, String>)> {
    let count = spec.samples.as_ref().map_or(0, |list| list.entries().len());
    let run = Run::open(spec, &mut |message| print::note(message))?;
    let stop = stop_on_interrupt(&run, "the same command goes on")?;
    let mut bar = Bar::new(count, quiet);
    let mut failed = BTreeMap::new();
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
            bar.running = evaluation.running();
            bar.show(ended, known, under_way, &run);
        }
    });
    bar.finish();
    let tally = outcome?;
    if !quiet {
        print::accounts(&run.accounts());
    }
    if tally.left > 0 {
        print::note(&format!("stopped: {} of {count} entries are left; the same command goes on", tally.left));
    }
    print::note(&format!("results: {}", folder.display()));
    Ok((tally, failed))
}

/// Prints what came of an evaluation, for people.
fn show(summary: &Summary, folder: &Path) {
    print::line(&format!(
        "{}: {} of {} entries with a result, {} failed",
        summary.dataset,
        summary.samples,
        summary.entries,
        summary.failed.len()
    ));
    print::line(&format!("  truth     {}", summary.ground_truth));
    for (id, why) in summary.failed.iter().take(SHOWN) {
        print::line(&format!("  FAILED    {id}: {why}"));
    }
    if summary.incomplete > 0 {
        print::line(&format!(
            "  {} results are not complete: \"state\" in each result.json says why",
            summary.incomplete
        ));
    }
    print::line("     N   gIoU   95 %          cIoU   P@.5  oracle  efficiency   random  first  largest  vote");
    for (n, row) in &summary.n {
        let giou = |rule| row.rules.get(&rule).map_or(f64::NAN, |scores| scores.giou);
        let tournament = row.rules.get(&Rule::Tournament);
        let ciou = tournament.and_then(|scores| scores.ciou);
        let half = tournament.and_then(|scores| scores.precision?.first().copied());
        print::line(&format!(
            "  {n:>4}  {:.3}  {:.3}–{:.3}  {:>6}  {:>6}  {:.3}  {:>10}   {:.3}   {:.3}  {:.3}    {:.3}",
            row.giou.mean,
            row.giou.low,
            row.giou.high,
            share(ciou),
            share(half),
            row.oracle,
            share(row.efficiency),
            row.random,
            giou(Rule::First),
            giou(Rule::Largest),
            giou(Rule::Vote)
        ));
    }
    if summary.n.len() > 1 {
        print::line(
            "  fewer hypotheses than all: the best-ranked of the first N, in a ranking that knows the later ones",
        );
    }
    for (name, values) in summary.categories.iter().filter(|(_, values)| values.len() > 1 && values.len() <= SHOWN) {
        let values: Vec<String> =
            values.iter().map(|(value, (count, giou))| format!("{value} {giou:.3} ({count})")).collect();
        print::line(&format!("  by {name}: {}", values.join(", ")));
    }
    if let (_, Some(scores)) =
        summary.n.last_key_value().map_or((0, None), |(n, row)| (*n, row.rules.get(&Rule::Tournament)))
        && (scores.n_acc.is_some())
    {
        print::line(&format!("  no target: N-acc {}, T-acc {}", share(scores.n_acc), share(scores.t_acc)));
    }
    let questions: f64 = summary.questions.values().sum();
    print::line(&format!(
        "  a sample  {questions:.1} questions, {:.1} matches, of which {} abstained",
        summary.matches,
        share(summary.abstained)
    ));
    print::line(&format!("  files     {}", folder.join("summary.json").display()));
}

/// A share with three digits; "–" if there is none.
fn share(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| format!("{value:.3}"))
}
