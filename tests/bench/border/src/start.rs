//! The start of the command line, cold and warm.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use wasmtime::error::Context;
use wasmtime::{Result, ensure};

use crate::figures::{goal, least, median, micros, time};
use crate::machine;

/// Runs of each; before the warm ones comes one that is not counted.
const RUNS: usize = 20;
/// The words of each run, and whether its first call of a plugin is bound by the goal.
const VERBS: [(&[&str], bool); 3] = [
    (&["--version"], false),
    (&["plugin", "inspect", "plugins/dist/pyramid.wasm"], true),
    (&["plugin", "list"], false),
];

/// Prints the table.
pub fn table() -> Result<()> {
    println!("\n## Start\n");
    println!(
        "Wall-clock of the process, {RUNS} runs. Cold: an empty cache of compiled plugins (the files themselves have been read \
         before). `inspect` ends with the first call of a plugin, `describe`; `list` calls it in all standard plugins; \
         `--version` calls nothing.\n"
    );
    println!("| command | cold: median | least | warm: median | least |");
    println!("|---|---|---|---|---|");
    for (words, bound) in VERBS {
        let empty = || tempfile::tempdir().context("a temporary folder cannot be made");
        let cold = (0..RUNS).map(|_| run(words, empty()?.path())).collect::<Result<Vec<_>>>()?;
        let cache = empty()?;
        run(words, cache.path())?;
        let warm = (0..RUNS).map(|_| run(words, cache.path())).collect::<Result<Vec<_>>>()?;
        let middle = median(warm.iter().copied());
        let shown = if bound { goal(middle / 1e3, 15.0, &time(middle), " ms") } else { time(middle) };
        let [cold_middle, cold_least, least] = [median(cold.iter().copied()), least(&cold), least(&warm)].map(time);
        println!("| `rescue-host {}` | {cold_middle} | {cold_least} | {shown} | {least} |", words.join(" "));
    }
    println!(
        "\n`rescue-host run` does more before it calls a plugin: it decodes the photo and makes the output folder; before its \
         planner's first call it has loaded four plugins as `list` does, and looked for the models' files. The networks are read \
         when they are first asked, after that."
    );
    Ok(())
}

/// Microseconds from start to end, with the user's cache in this folder and no plugins of the user's own.
fn run(words: &[&str], cache: &Path) -> Result<f64> {
    let host = machine::host()?;
    let mut command = Command::new(&host);
    command.args(words).current_dir(machine::root()?).env("XDG_CACHE_HOME", cache).env("XDG_DATA_HOME", cache);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let clock = Instant::now();
    let output = command.output().with_context(|| format!("{} does not start", host.display()))?;
    let time = micros(clock.elapsed());
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "rescue-host {} failed: {said}", words.join(" "));
    Ok(time)
}
