//! Benchmarks the start of the program, with a cold and with a warm cache.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use wasmtime::error::Context;
use wasmtime::{Result, ensure};

use crate::figures::{goal, least, median, micros, spread, time};
use crate::machine;

/// The number of runs of each command. One more precedes the warm runs and is not counted.
const RUNS: usize = 20;
/// The host's exit code if the models' files are missing.
const NO_MODELS: i32 = 6;

/// A command to run.
struct Verb {
    words: &'static [&'static str],
    /// Whether the command is a search, of which only the beginning is run.
    search: bool,
    /// The goal for the warm median, in milliseconds. `None` if there is no goal.
    most: Option<f64>,
}

const VERBS: [Verb; 4] = [
    Verb { words: &["--version"], search: false, most: None },
    Verb { words: &["plugin", "inspect", "plugins/dist/pyramid.wasm"], search: false, most: Some(15.0) },
    Verb { words: &["plugin", "list"], search: false, most: Some(15.0) },
    Verb { words: &["run"], search: true, most: None },
];

/// Prints the table.
pub fn table() -> Result<()> {
    println!("\n## Start\n");
    println!(
        "Wall-clock of the process, {RUNS} runs. Cold: an empty cache of compiled plugins (the files themselves have been read \
         before). `inspect` ends with the first call of a plugin, `describe`; `list` calls it in all standard plugins; \
         `--version` calls nothing. `run` is given no models, so it ends before its planner's first call: the bundled photo is \
         decoded, the four standard plugins are loaded, and the models' files are looked for. With models it reads the networks \
         after that, when they are first asked.\n"
    );
    println!("| command | cold: median | least | warm: median | least |");
    println!("|---|---|---|---|---|");
    for verb in &VERBS {
        let empty = || tempfile::tempdir().context("a temporary folder cannot be made");
        let cold = (0..RUNS).map(|_| run(verb, empty()?.path())).collect::<Result<Vec<_>>>()?;
        let cache = empty()?;
        run(verb, cache.path())?;
        let warm = (0..RUNS).map(|_| run(verb, cache.path())).collect::<Result<Vec<_>>>()?;
        let middle = median(warm.iter().copied());
        let shown = verb
            .most
            .map_or_else(|| time(middle), |most| goal(middle / 1e3, spread(&warm) / 1e3, most, &time(middle), " ms"));
        let [cold_middle, cold_least, least] = [median(cold.iter().copied()), least(&cold), least(&warm)].map(time);
        println!("| `rescue-host {}` | {cold_middle} | {cold_least} | {shown} | {least} |", verb.words.join(" "));
    }
    Ok(())
}

/// Runs a command, with this folder as the user's cache and data folder, so that there are no plugins or models of the
/// user. Returns the microseconds from its start to its end.
fn run(verb: &Verb, cache: &Path) -> Result<f64> {
    let host = machine::host()?;
    let mut command = Command::new(&host);
    command.args(verb.words).current_dir(machine::root()?).env("XDG_CACHE_HOME", cache).env("XDG_DATA_HOME", cache);
    if verb.search {
        command.arg("--models-dir").arg(cache).arg("--out").arg(cache.join("out"));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let clock = Instant::now();
    let output = command.output().with_context(|| format!("{} does not start", host.display()))?;
    let time = micros(clock.elapsed());
    let (said, code) = (String::from_utf8_lossy(&output.stderr), if verb.search { NO_MODELS } else { 0 });
    ensure!(
        output.status.code() == Some(code),
        "rescue-host {} ended with {}: {said}",
        verb.words.join(" "),
        output.status
    );
    Ok(time)
}
