//! Plugins that mean no good, in the host's own process: each ends with its own error, and harms nobody who comes after it.
//!
//! What each does, and what its author is told, stands in `tests/fixtures/ZOO.md`. That file is written by this test, with
//! `UPDATE=1 cargo nextest run zoo`; without it, what is different fails.

mod animals;
mod book;
mod graft;
mod made;
mod trial;

use std::collections::BTreeMap;

use rescue_plugin::{Kind, Limits, Runtime};
use rescue_tests::{Run, fixture, pictures};

use animals::Animal;
use trial::{Trial, play};

/// Low where an animal would else take long to reach them, and one memory more for those that are put into another plugin. No
/// clock decides: the net of seconds is out of reach.
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

/// All in one process and one runtime, twice, the second time from the cache of compiled plugins. After each, one that behaves
/// does what it always does.
#[test]
fn every_animal_ends_as_the_book_says() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new(limits(), Some(folder.path())).unwrap();
    let plain = runtime.load(&fixture("plain")).unwrap();
    let good: BTreeMap<Kind, String> = Kind::ALL.iter().map(|kind| (*kind, play(&plain, *kind, "").unwrap())).collect();
    let animals = animals::all();
    let start = peak();
    let twice: Vec<Vec<(&Animal, Vec<Trial>)>> = (0..2)
        .map(|_| {
            let tried = animals.iter().map(|animal| (animal, trial::of(&runtime, animal)));
            tried
                .inspect(|(animal, _)| {
                    for (kind, good) in &good {
                        let after = play(&plain, *kind, "").unwrap();
                        assert_eq!(after, *good, "after {}, a {kind} that behaves is not what it was", animal.name);
                    }
                })
                .collect()
        })
        .collect();
    let [first, second] = twice.as_slice() else { unreachable!() };
    for ((animal, first), (_, second)) in first.iter().zip(second) {
        assert_eq!(first, second, "{} is not twice the same", animal.name);
    }
    book::check(first);
    if let (Some(start), Some(end)) = (start, peak()) {
        // What an instance may have, some of the host's own copies of it, and the compiled code of all animals.
        let allowed = start + limits().memory_bytes / 10 * 11 + COMPILED;
        println!("peak memory: {} MiB before, {} MiB after", start >> 20, end >> 20);
        assert!(end <= allowed, "the host's memory rose from {start} to {end} bytes; {allowed} are allowed");
    }
}

/// For compiling, and for the compiled code of one plugin, in bytes.
const COMPILED: usize = 256 << 20;

/// The most memory that this process had so far, in bytes; none where that cannot be known, or where other tests share it.
fn peak() -> Option<usize> {
    std::env::var_os("NEXTEST")?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<usize>().ok()? * 1024)
}

/// The command says the same. The picture has nothing in it, so that the plugin's turn comes soon.
#[test]
fn the_command_says_so_and_writes_nothing() {
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
