//! Benchmarks whole runs against model servers of a known speed, beside a client of the original system's design in Python.
//!
//! Prints two Markdown tables, and what comes of a run whose replicas fail. The servers are a fleet in a process of its own; client and fleet
//! have a core each, or those of `CLIENT_CORES` and `FLEET_CORES` in the environment. If there is no Python, or its packages cannot be
//! installed, the tables have our lines alone.

mod measure;
mod python;
mod replicas;
mod serve;

use std::path::Path;
use std::process::ExitCode;

use measure::{Cost, Fleet, host, original};
use rescue_mask::Size;
use serve::Served;

/// Why the benchmark failed.
type Failure = Box<dyn std::error::Error>;

/// The number of hypotheses.
const N: u32 = 64;
/// The median time of a request, in milliseconds.
const MEDIAN: u64 = 50;
/// The slots of each server, as the fleet's own.
const SLOTS: f64 = 64.0;
/// Measurements of each line; the median by wall time counts.
const TIMES: usize = 3;
const ROLES: [&str; 4] = ["planner", "verifier", "executor", "clip"];
/// Samples of a run over many.
const MANY: usize = 40;
/// Samples of a run that is long enough for replicas to fail in it.
const LONG: usize = 200;
/// The size of the photos.
const PHOTO: Size = Size::new(1024, 768);
/// The size of photos that are drawn and sent at nearly no cost: what is left is the schedule and the transport.
const SMALL: Size = Size::new(256, 192);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["serve", median, sigma, samples, width, height, folder] => {
            Served::read([median, sigma, samples, width, height])
                .and_then(|served| serve::serve(served, Path::new(folder)))
        }
        ["replicas"] => replicas(),
        [] => run().and_then(|()| replicas()),
        _ => Err("it takes no words, or \"replicas\"".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("rescue-bench-fleet: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let python = python::environment().map_err(|problem| eprintln!("without Python: {problem}")).ok();
    println!("One sample, N = {N}, 1024×768, {SLOTS} slots a service:\n");
    println!("| latency | client | wall s | CPU s | MB sent | peak MB | requests | missed | held ÷ nominal |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for sigma in [0.0, 0.6] {
        let latency = latency(sigma);
        let fleet = || Fleet::start(Served { median: MEDIAN, sigma, samples: 1, photo: PHOTO });
        line(&latency, "rescue-host", &median(|| host(fleet()?, N, 1, &["--mode", "comparative"]))?);
        let canonical = ["--mode", "comparative", "--with", "run.live=false"];
        line(&latency, "rescue-host, run.live=false", &median(|| host(fleet()?, N, 1, &canonical))?);
        if let Some(python) = &python {
            line(&latency, "Python, requests, 64 threads", &median(|| original(fleet()?, N, python))?);
        }
    }
    println!("\n{MANY} samples, N = {N}, {SLOTS} slots a service:\n");
    println!(
        "| photo | latency | in flight | samples/s | of the bound | CPU s a sample | MB a sample | peak MB | busy share | missed | held ÷ nominal |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for (photo, sigma, in_flight) in [
        (PHOTO, 0.0, "1"),
        (PHOTO, 0.0, "4"),
        (PHOTO, 0.0, "16"),
        (PHOTO, 0.6, "16"),
        (SMALL, 0.0, "16"),
        (SMALL, 0.6, "16"),
    ] {
        let in_flight_value = format!("run.in-flight={in_flight}");
        let more = ["--mode", "comparative", "--with", &in_flight_value];
        let served = Served { median: MEDIAN, sigma, samples: MANY, photo };
        many(served, in_flight, &host(Fleet::start(served)?, N, MANY, &more)?);
    }
    Ok(())
}

/// Prints what comes of a run whose replicas fail.
fn replicas() -> Result<(), Failure> {
    let served = Served { median: MEDIAN, sigma: 0.6, samples: LONG, photo: SMALL };
    let replicas::Rates { before, after, lost } = replicas::rates(served, N)?;
    println!(
        "\nFour verifiers, of which one is killed and one becomes ten times as slow: {before:.2} samples/s before, {after:.2} from 5 s after \
         it on ({:.0} % of what the other two can carry), {lost} of {LONG} samples lost.",
        100.0 * after / (before / 2.0)
    );
    Ok(())
}

/// The measurement whose wall time is the median.
fn median(measure: impl Fn() -> Result<Cost, Failure>) -> Result<Cost, Failure> {
    let mut costs = (0..TIMES).map(|_| measure()).collect::<Result<Vec<_>, _>>()?;
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    Ok(costs.swap_remove(TIMES / 2))
}

fn line(latency: &str, client: &str, cost: &Cost) {
    let Cost { wall, cpu, bytes, peak, .. } = cost;
    let requests = cost.sum("requests");
    println!(
        "| {latency} | {client} | {wall:.2} | {cpu:.2} | {:.1} | {:.0} | {requests} | {} | {:.2} |",
        bytes / 1e6,
        peak / 1e6,
        missed(cost),
        slowness(cost)
    );
}

fn latency(sigma: f64) -> String {
    if sigma == 0.0 { format!("{MEDIAN} ms") } else { format!("{MEDIAN} ms, σ {sigma}") }
}

/// The share of questions that the live pass had not asked.
fn missed(cost: &Cost) -> String {
    cost.missed.map_or("–".into(), |share| format!("{:.1} %", 100.0 * share))
}

/// How long requests held their slots, in units of what they should have: much above 1, the fleet is too slow to measure with.
fn slowness(cost: &Cost) -> f64 {
    cost.sum("held_seconds") / cost.sum("nominal_seconds")
}

/// The bound is what the slots of the busiest service allow.
fn many(served: Served, in_flight: &str, cost: &Cost) {
    let samples = MANY as f64;
    let most = |name: &str| ROLES.iter().filter_map(|role| cost.of(role, name)).fold(0.0, f64::max);
    let bound = SLOTS / (most("nominal_seconds") / samples);
    let rate = samples / cost.wall;
    let busy = most("busy_share");
    println!(
        "| {} | {} | {in_flight} | {rate:.2} | {:.0} % | {:.3} | {:.1} | {:.0} | {:.0} % | {} | {:.2} |",
        served.photo,
        latency(served.sigma),
        100.0 * rate / bound,
        cost.cpu / samples,
        cost.bytes / samples / 1e6,
        cost.peak / 1e6,
        100.0 * busy,
        missed(cost),
        slowness(cost)
    );
}
