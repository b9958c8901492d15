//! Runs the zoo, the collection of hostile plugins, in this process. Each plugin ends with its own error, and does not
//! affect the plugins that run after it.
//!
//! `tests/fixtures/ZOO.md` says what each plugin does, and what the host tells its author. The test fails if its
//! outcome differs from that file; `UPDATE=1 cargo nextest run zoo` writes the file anew.

mod generated;
mod golden;
mod plugins;
mod sections;
mod trial;

use std::collections::BTreeMap;

use rescue_plugin::{Kind, Limits, Runtime};
use rescue_tests::{Run, fixture, pictures};

use plugins::HostilePlugin;
use trial::{Trial, play};

/// The limits of this test. They are low where a plugin would otherwise take long to reach them, and allow one memory
/// more, for modules that are added to another plugin. The limit of seconds is so high that no clock decides.
fn limits() -> Limits {
    Limits {
        fuel_per_call: 50_000_000,
        fuel_per_instance: 500_000_000,
        seconds_per_call: 3600,
        entries_per_session: 5000,
        answers_per_session: 2000,
        memories: 2,
        raster_bytes: 16 * 1024,
        ..Limits::default()
    }
}

/// Runs all plugins in one process and one runtime, twice, the second time from the cache of compiled plugins. After
/// each of them, a plugin that behaves has to do what it always does.
#[test]
fn every_hostile_plugin_ends_as_zoo_md_says() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new(limits(), Some(folder.path())).unwrap();
    let plain = runtime.load(&fixture("plain")).unwrap();
    let good: BTreeMap<Kind, String> = Kind::ALL.iter().map(|kind| (*kind, play(&plain, *kind, "").unwrap())).collect();
    let all = plugins::all();
    let start = peak();
    let twice: Vec<Vec<(&HostilePlugin, Vec<Trial>)>> = (0..2)
        .map(|_| {
            let tried = all.iter().map(|hostile| (hostile, trial::of(&runtime, hostile)));
            tried
                .inspect(|(hostile, _)| {
                    for (kind, good) in &good {
                        let after = play(&plain, *kind, "").unwrap();
                        assert_eq!(after, *good, "after {}, a {kind} that behaves does something else", hostile.name);
                    }
                })
                .collect()
        })
        .collect();
    let [first, second] = twice.as_slice() else { unreachable!() };
    for ((hostile, first), (_, second)) in first.iter().zip(second) {
        assert_eq!(first, second, "{} does not do the same twice", hostile.name);
    }
    golden::check(first);
    if let (Some(start), Some(end)) = (start, peak()) {
        // The memory of one instance, some copies of parts of it, and the compiled code of all plugins.
        let allowed = start + limits().memory_bytes / 10 * 11 + COMPILED;
        println!("peak memory: {} MiB before, {} MiB after", start >> 20, end >> 20);
        assert!(end <= allowed, "the host's memory rose from {start} to {end} bytes; {allowed} are allowed");
    }
}

/// The memory for compiling and for compiled code, in bytes.
const COMPILED: usize = 256 << 20;

/// The peak of this process's memory so far, in bytes. `None` if it is not known, or if other tests run in the same
/// process.
fn peak() -> Option<usize> {
    std::env::var_os("NEXTEST")?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<usize>().ok()? * 1024)
}

/// The command prints the same errors. The picture shows nothing, so that runs are quick.
#[test]
fn the_command_prints_the_error_and_writes_nothing() {
    let (_folder, image) = pictures::file("photo.jpg", &pictures::jpeg(32, 32));
    let image = image.display().to_string();
    for (name, how, words) in [
        (
            "endless",
            "planner.how=planning.start",
            "planner, in planning.start: it used up its fuel of 2000000000 units",
        ),
        ("bomb", "", "tournament, in tourney.next: it wanted "),
        ("panics", "tournament.how=message", "it panicked\n  it wrote: panicked at zoo/examples/panics.rs:"),
        ("scores", "scorer.how=before closed", "it broke a rule of the border: scores are given before `closed`"),
    ] {
        let file = fixture(name).display().to_string();
        let mut arguments = vec!["--plugin", &file, "--image", &image, "--query", "the dog", "--n", "1"];
        if !how.is_empty() {
            arguments.extend(["--set", how]);
        }
        let who = format!("error: plugin {name} 0.1.0 (sha256 ");
        Run::new(arguments).go().refused(5, &[&who, words]);
    }
    let upset = fixture("upset").display().to_string();
    Run::new(["--plugin", &upset, "--image", &image, "--query", "the dog", "--n", "1"]).go().answered(3);
}
