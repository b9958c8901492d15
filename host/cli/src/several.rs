//! A run over several samples: what people and machines see of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rescue_pipeline::run::folder::RESULTS;
use rescue_pipeline::run::result_files;
use rescue_pipeline::{
    Event, ListedSample, Load, Outcome, Run, RunSpec, Sample, SampleState, ServiceName, State, Stop,
};

use crate::args::OutputArgs;
use crate::progress;
use crate::{compiling, exit, print, timeline};

/// How often the rates of services are taken anew.
const RATES: Duration = Duration::from_secs(2);

/// Searches all samples of a run, or those that have no result yet, and prints a line for each.
pub fn search(mut spec: RunSpec, folder: &Path, output: OutputArgs) -> Result<ExitCode> {
    spec.on_compile = compiling::on_compile(output.json);
    let count = spec.samples.as_ref().map_or(0, |list| list.entries().len());
    let run = Run::open(spec, &mut |message| print::note(message))?;
    let resume = format!("`rescue-host resume {}` goes on", folder.display());
    let stop = stop_on_interrupt(&run, &resume)?;
    let mut bar = Bar::new(count, output.json);
    let (shown, told) = (bar.bar.clone(), AtomicBool::new(false));
    let tell = |listed: &ListedSample, _: &Sample, outcome: &Outcome| {
        shown.suspend(|| {
            print::log_of(&format!("{}: ", listed.id), &outcome.log);
            // The first sample whose answers could not be read stands for those behind it.
            if outcome.record.state == State::Unreadable && !told.swap(true, Ordering::Relaxed) {
                print::readings(&outcome.record);
            }
        });
    };
    let outcome = run.search_all(&stop, &tell, &mut |event| match event {
        Event::Ended(line) => bar.above(|| if output.json { print::json_line(line) } else { print::result_line(line) }),
        Event::Progress(event) => bar.above(|| progress::note(event)),
        Event::Tick { ended, known, under_way } => bar.show(ended, known, under_way, &run),
    });
    bar.finish();
    let tally = outcome.inspect_err(|_| {
        if !output.json {
            print::accounts(&run.accounts());
        }
    })?;
    if !output.json {
        print::tally(tally, folder, &run.accounts());
    }
    if tally.left > 0 {
        print::note(&format!("stopped: {} of {count} samples are left; {resume}", tally.left));
    }
    Ok(exit::of_tally(tally, output.strict))
}

/// A wish to stop that the first interruption makes; the second ends the program. `way_on` says how to go on.
pub fn stop_on_interrupt(run: &Run, way_on: &str) -> Result<Stop> {
    let stop = Stop::default();
    let (wish, way_on) = (stop.clone(), way_on.to_owned());
    run.on_interrupt(move |times| {
        if times == 1 {
            wish.stop();
            print::note("stopping: what is under way is finished first; once more stops at once");
        } else {
            print::note(&format!("stopped. Nothing is lost: {way_on}"));
            timeline::end();
            std::process::exit(exit::INTERRUPTED.into());
        }
    })?;
    Ok(stop)
}

/// Computes the finished samples of a run again from its ledger, and compares the results.
pub fn replay(mut spec: RunSpec, folder: &Path, json: bool) -> Result<ExitCode> {
    let result = |id: &str| folder.join(RESULTS).join(id).join("result.json");
    let list = spec.samples.take().unwrap_or_default();
    let finished = Arc::new(list.only(|sample| result(&sample.id).is_file()));
    let count = finished.entries().len();
    spec.samples = Some(finished);
    spec.on_compile = compiling::on_compile(json);
    let run = Run::open(spec, &mut |message| print::note(message))?;
    let others: Mutex<Vec<String>> = Mutex::default();
    let compare = |listed: &ListedSample, _: &Sample, outcome: &Outcome| {
        let first = std::fs::read(result(&listed.id)).ok();
        if first.is_none() || first != result_files::result_json(&outcome.record).ok() {
            others.lock().unwrap_or_else(PoisonError::into_inner).push(listed.id.clone());
        }
    };
    let mut bar = Bar::new(count, json);
    let tally = run.search_all(&Stop::default(), &compare, &mut |event| match event {
        Event::Ended(line) if json => bar.above(|| print::json_line(line)),
        Event::Ended(line) if line.state == SampleState::Failed => bar.above(|| print::result_line(line)),
        Event::Tick { ended, known, under_way } => bar.show(ended, known, under_way, &run),
        Event::Ended(_) | Event::Progress(_) => {}
    });
    bar.finish();
    let tally = tally?;
    let mut others = others.into_inner().unwrap_or_else(PoisonError::into_inner);
    others.sort();
    let same = others.is_empty() && tally.failed == 0;
    others.iter().for_each(|id| print::note(&format!("another result than {}", result(id).display())));
    if !json {
        let equal = tally.searched - others.len();
        let unfinished = list.entries().len() - count;
        print::line(&format!("{equal} of {count} results are the same, byte for byte; {unfinished} samples have none"));
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(exit::DIFFERENT) })
}

/// Gives a bar this form.
fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}

/// One bar for all samples, with what each service does.
pub struct Bar {
    bar: ProgressBar,
    /// The mean IoU so far, and how far the ends of its interval are from it, if there is one. `None` if it is not known.
    pub running: Option<(f64, Option<f64>)>,
    known: usize,
    /// When the rates were last taken, the answers then, and the rates.
    since: Instant,
    answered: BTreeMap<ServiceName, u64>,
    rates: BTreeMap<ServiceName, f64>,
}

impl Bar {
    /// A bar that stays hidden if `quiet`, or if standard error is not a terminal.
    pub fn new(count: usize, quiet: bool) -> Self {
        let bar = ProgressBar::new(count as u64);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        style(&bar, "{spinner} [{bar:30}] {pos}/{len} samples\n{msg}");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, running: None, known: 0, since: Instant::now(), answered: BTreeMap::new(), rates: BTreeMap::new() }
    }

    pub fn show(&mut self, ended: usize, known: usize, under_way: usize, run: &Run) {
        if self.bar.is_hidden() {
            return;
        }
        if self.bar.position() == 0 && ended > known {
            style(&self.bar, "{spinner} [{bar:30}] {pos}/{len} samples, {eta} left\n{msg}");
        }
        self.bar.set_position(ended as u64);
        if known > self.known {
            // Results of an earlier run say nothing of the time that new ones take.
            self.known = known;
            self.bar.reset_eta();
        }
        let loads = run.loads();
        let seconds = self.since.elapsed();
        if seconds >= RATES {
            for (service, load) in &loads {
                let before = self.answered.insert(*service, load.answered).unwrap_or_default();
                self.rates.insert(*service, load.answered.saturating_sub(before) as f64 / seconds.as_secs_f64());
            }
            self.since = Instant::now();
        }
        let running = self.running.map_or(String::new(), |(iou, half)| {
            let ends = half.map_or(String::new(), |half| {
                format!(" ({:.3} – {:.3})", (iou - half).max(0.0), (iou + half).min(1.0))
            });
            format!(", mean IoU of this call {iou:.3}{ends}")
        });
        let services = loads.iter().map(|(service, load)| self.service(*service, load));
        let lines: Vec<String> = [format!("  {under_way} under way{running}")].into_iter().chain(services).collect();
        self.bar.set_message(lines.join("\n"));
    }

    fn service(&self, service: ServiceName, load: &Load) -> String {
        let rate = self.rates.get(&service).copied().unwrap_or_default();
        let name = service.to_string();
        format!("  {name:<9} {:>4} of {} slots in use, {} waiting, {rate:.1}/s", load.held, load.slots, load.waiting)
    }

    /// Prints above the bar.
    pub fn above(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
