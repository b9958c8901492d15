//! How a run over many samples goes on when replicas fail: of four verifiers, one is killed and one becomes ten times as slow.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::measure::{Fleet, list_arguments, pinned_host};
use crate::serve::Served;

/// Slots of each verifier: few, so that the verifiers are the bottleneck.
const SLOTS: u32 = 4;
const REPLICAS: usize = 4;
/// How much of its time the slow one stands still: the rest is a tenth.
const STOPPED: Duration = Duration::from_millis(450);
const RUNNING: Duration = Duration::from_millis(50);
/// How long the schedule has to find out.
const SETTLE: Duration = Duration::from_secs(5);
/// How long a rate is measured.
const MEASURE: Duration = Duration::from_secs(20);

/// What the run did.
pub struct Rates {
    /// Samples a second before.
    pub before: f64,
    /// Samples a second afterwards, from [`SETTLE`] on.
    pub after: f64,
    /// Samples that were lost.
    pub lost: usize,
}

/// Runs over these samples, and measures before and after two of the four verifiers fail.
pub fn rates(served: Served, n: u32) -> Result<Rates, Failure> {
    let mut fleets = (0..REPLICAS).map(|_| Fleet::start(served)).collect::<Result<Vec<_>, _>>()?;
    let verifiers: Vec<&str> = fleets.iter().filter_map(|fleet| fleet.urls.get("verifier")?.as_str()).collect();
    let verifiers = format!("verifier.url={}", serde_json::to_string(&verifiers)?);
    let first = fleets.first().ok_or("there is no fleet")?;
    let out = first.folder.path().join("out");
    let mut command = pinned_host()?;
    list_arguments(&mut command, first, n, &out);
    command.args(["--mode", "comparative", "--with", &verifiers, "--with", &format!("verifier.slots={SLOTS}")]);
    let mut host = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let measured = measure(&mut host, &mut fleets, &out);
    if measured.is_err() {
        host.kill()?;
    }
    let ended = host.wait_with_output()?;
    let (before, after) = measured?;
    let searched = finished(&out);
    if !ended.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&ended.stderr));
    }
    Ok(Rates { before, after, lost: served.samples - searched })
}

fn measure(host: &mut Child, fleets: &mut [Fleet], out: &Path) -> Result<(f64, f64), Failure> {
    let rate = |host: &mut Child| -> Result<f64, Failure> {
        let (before, start) = (finished(out), Instant::now());
        while start.elapsed() < MEASURE && host.try_wait()?.is_none() {
            sleep(Duration::from_millis(20));
        }
        Ok((finished(out) - before) as f64 / start.elapsed().as_secs_f64())
    };
    sleep(SETTLE);
    let before = rate(host)?;
    let [_, killed, slowed, ..] = fleets else { return Err("there are too few replicas".into()) };
    killed.kill()?;
    let over = AtomicBool::new(false);
    scope(|scope| {
        let slow = scope.spawn(|| slow_down(slowed.id(), &over));
        sleep(SETTLE);
        let after = rate(host);
        // The rest may end in its own time.
        over.store(true, Ordering::Relaxed);
        drop(slow.join());
        Ok((before, after?))
    })
}

/// Lets a process run for a tenth of the time.
fn slow_down(process: u32, over: &AtomicBool) {
    let signal = |name: &str| drop(Command::new("kill").args([name, &process.to_string()]).status());
    while !over.load(Ordering::Relaxed) {
        signal("-STOP");
        sleep(STOPPED);
        signal("-CONT");
        sleep(RUNNING);
    }
}

/// The number of samples that have a result.
fn finished(out: &Path) -> usize {
    let folders = std::fs::read_dir(out.join("samples")).into_iter().flatten().flatten();
    folders.filter(|folder| folder.path().join("result.json").exists()).count()
}
