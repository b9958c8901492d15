//! What an evaluation would ask.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rescue_pipeline::{Forecast, Run};
use serde_json::{Value, json};

use crate::print;
use crate::several::stop_on_interrupt;

/// Says what a run over so many entries would ask. Nobody is asked.
pub fn dry_run(run: &Run, entries: usize, json: bool) -> Result<ExitCode> {
    let stop = stop_on_interrupt(run, "a dry run has nothing to lose")?;
    let bar = ProgressBar::new(entries as u64);
    if json {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:30}] {pos}/{len} entries looked at, {eta} left") {
        bar.set_style(style);
    }
    let ahead = run.look_ahead(&stop, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let rows: Vec<Forecast> =
        run.loads().into_iter().map(|(service, load)| ahead.forecast(service, load.slots)).collect();
    if json {
        let services: BTreeMap<String, Value> = rows.iter().map(|row| (row.service.to_string(), told(row))).collect();
        print::value(&json!({
            "entries": entries, "finished": ahead.finished, "known": ahead.known, "open": ahead.open, "failed": ahead.failed,
            "services": services, "seconds": seconds(&rows),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&format!(
        "{} of {entries} entries looked at: {} are done, {} need no new answer, {} need some, {} cannot be searched",
        ahead.looked,
        ahead.finished,
        ahead.known,
        ahead.open,
        ahead.failed.len()
    ));
    for (id, why) in ahead.failed.iter().take(10) {
        print::line(&format!("  FAILED    {id}: {why}"));
    }
    print::line("  service      known  new, at least  new, about  slots  seconds each");
    for row in &rows {
        let each = row.each.map_or("–".to_owned(), |each| format!("{each:.2}"));
        print::line(&format!(
            "  {:<9} {:>8}  {:>13}  {:>10}  {:>5}  {each:>12}",
            row.service.to_string(),
            row.known,
            row.least,
            row.about.map_or("–".to_owned(), |about| format!("{about:.0}")),
            row.slots
        ));
    }
    match seconds(&rows) {
        Some(seconds) => print::line(&format!("  at most about {seconds:.0} s, if the busiest service is always busy")),
        None if ahead.open > 0 => print::line(
            "  how long that takes is not known: no entry has all answers yet. Evaluate some first, as with --limit 10",
        ),
        None => {}
    }
    if ahead.open > 0 {
        print::line(
            "  at least: what an entry asks after its first unknown answer is not known. About: as many as the entries had whose answers are all known",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn told(forecast: &Forecast) -> Value {
    let Forecast { slots, known, least, about, each, .. } = forecast;
    json!({"slots": slots, "known": known, "new_at_least": least, "new_about": about, "seconds_each": each})
}

/// About how many seconds the busiest service takes. `None` if that cannot be told, or nothing is asked.
fn seconds(rows: &[Forecast]) -> Option<f64> {
    let times: Option<Vec<f64>> = rows.iter().map(Forecast::seconds).collect();
    times?.into_iter().reduce(f64::max).filter(|seconds| *seconds > 0.0)
}
