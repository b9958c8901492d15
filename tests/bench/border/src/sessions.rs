//! Benchmarks the time to begin a session, and the memory of many sessions.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use wasmtime::error::Context;
use wasmtime::{Result, bail, ensure};

use crate::bare::{Bare, Metering};
use crate::contender::Contender;
use crate::facts;
use crate::figures::{median, micros, time};
use crate::host::Host;
use crate::machine;

/// The argument that makes this executable hold sessions and print what they take.
pub const CHILD: &str = "hold-sessions";

/// The number of sessions that are held at once.
const SESSIONS: u32 = 10_000;
/// The number of candidates that each of them is told.
const CANDIDATES: u32 = 64;
/// The number of sessions that are begun one after another. A tenth more come first and are not counted.
const FRESH: usize = 2000;
/// The argument of each child process, and the contender's name in the table.
const VARIANTS: [(&str, &str); 2] = [("host", "host"), ("bare", "bare metered")];

/// Prints the tables.
pub fn table() -> Result<()> {
    let wasm = machine::pyramid()?;
    let host = Host::new(&wasm)?;
    let brief = host.brief(CANDIDATES);
    let bare = Bare::new(&wasm, Metering::On)?;
    println!("\n## Sessions\n");
    println!("A fresh session begun and dropped again, median of {FRESH}:\n");
    println!("| | instance alone | with `start` |");
    println!("|---|---|---|");
    println!("| host | | {} |", fresh(|| host.start(&brief))?);
    println!("| bare metered | {} | {} |", fresh(|| bare.instantiate())?, fresh(|| bare.start(&brief))?);
    println!(
        "\n{SESSIONS} sessions at once, each told {CANDIDATES} candidates; what they add to a process, a session:\n"
    );
    println!("| | resident | of that shared | virtual | mappings, all | to begin and tell |");
    println!("|---|---|---|---|---|---|");
    for (variant, name) in VARIANTS {
        match held(variant) {
            Ok(row) => println!("| {name} | {row} |"),
            Err(problem) => println!("| {name} | failed: {problem:#} | | | | |"),
        }
    }
    Ok(())
}

fn fresh<T>(begin: impl Fn() -> Result<T>) -> Result<String> {
    let mut times = Vec::with_capacity(FRESH);
    for _ in 0..FRESH + FRESH / 10 {
        let clock = Instant::now();
        drop(begin()?);
        times.push(micros(clock.elapsed()));
    }
    Ok(time(median(times.into_iter().skip(FRESH / 10))))
}

fn held(variant: &str) -> Result<String> {
    let output = Command::new(std::env::current_exe()?).args([CHILD, variant]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim().replace('\n', " "));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs in a child process: holds sessions, and prints the row of the table without its first cell.
pub fn child(variant: &str) -> Result<()> {
    let wasm = machine::pyramid()?;
    let host = Host::new(&wasm)?;
    let brief = host.brief(CANDIDATES);
    match variant {
        "host" => hold(|| host.start(&brief)),
        "bare" => {
            let bare = Bare::new(&wasm, Metering::On)?;
            hold(|| bare.start(&brief))
        }
        _ => bail!("there is no way {variant:?} to hold sessions"),
    }
}

fn hold<C: Contender>(begin: impl Fn() -> Result<C>) -> Result<()> {
    // The first session loads what all sessions share.
    drop(begin()?);
    let before = Memory::now()?;
    let facts = facts::field(CANDIDATES);
    let mut sessions = Vec::with_capacity(SESSIONS as usize);
    let clock = Instant::now();
    for number in 0..SESSIONS {
        let session = begin().and_then(|mut session| {
            session.tell(facts.iter().map(C::fact).collect())?;
            Ok(session)
        });
        sessions.push(session.with_context(|| format!("session {number}"))?);
    }
    let each = micros(clock.elapsed()) / f64::from(SESSIONS);
    let after = Memory::now()?;
    let kib = |after: u64, before: u64| after.saturating_sub(before) as f64 / f64::from(SESSIONS);
    println!(
        "{:.0} KiB | {:.0} KiB | {:.3} GiB | {} | {}",
        kib(after.resident, before.resident),
        kib(after.shared, before.shared),
        kib(after.virt, before.virt) / f64::from(1 << 20),
        after.mappings,
        time(each)
    );
    Ok(())
}

/// The memory of this process in KiB, and the number of its mappings.
struct Memory {
    resident: u64,
    shared: u64,
    virt: u64,
    mappings: usize,
}

impl Memory {
    fn now() -> Result<Self> {
        let read = |file: &Path| fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()));
        let status = read(Path::new("/proc/self/status"))?;
        let of = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim_start_matches(':')
                .trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .with_context(|| format!("{name} is not told"))
        };
        let mappings = read(Path::new("/proc/self/maps"))?.lines().count();
        Ok(Self { resident: of("VmRSS")?, shared: of("RssFile")? + of("RssShmem")?, virt: of("VmSize")?, mappings })
    }
}
